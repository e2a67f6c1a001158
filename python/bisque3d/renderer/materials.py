"""Materials: how surfaces reflect light."""

from ..common.datatypes import Device
from .utils import TensorProperties


class Materials(TensorProperties):
    """One material per mesh: factors of the lights' colours [N, C], and the exponent of the highlight, shininess [N]."""

    def __init__(
        self,
        ambient_color=((1, 1, 1),),
        diffuse_color=((1, 1, 1),),
        specular_color=((1, 1, 1),),
        shininess=64,
        device: Device = "cpu",
    ) -> None:
        super().__init__(
            device=device, diffuse_color=diffuse_color, ambient_color=ambient_color, specular_color=specular_color, shininess=shininess
        )
        channels = self.ambient_color.shape[-1]
        for name in ("diffuse_color", "specular_color"):
            shape = getattr(self, name).shape
            if shape[-1] != channels:
                raise ValueError(f"Expected {name} to have shape (N, {channels}); got {tuple(shape)}.")
        if self.shininess.shape != (self._N,):
            raise ValueError(f"shininess should have shape (N); got {tuple(self.shininess.shape)}.")

    def clone(self) -> "Materials":
        return super().clone(Materials(device=self.device))
