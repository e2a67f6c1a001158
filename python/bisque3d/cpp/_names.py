"""What is found by name in C++."""

from collections.abc import Iterator


class Names:
    """The container behaviour of what has names(): membership, iteration and length."""

    def names(self) -> list[str]:
        raise NotImplementedError

    def __contains__(self, name: str) -> bool:
        return name in self.names()

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        return len(self.names())
