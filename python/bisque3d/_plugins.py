"""The plugin interface for Python: the host of core/plugin/abi.h, with ctypes and the C shims of libtorch's stable ABI."""

import ctypes
import os
import pathlib
import warnings

import torch

from . import _autocast, _gradients, _shapes
from ._entry import reporting_exceptions
from ._requirements import ABI, check_is_no_cuda_part, check_note, check_requirements, loader_error, torch_version, world_writable_note
from ._shared_library import check_shared_library

KERNEL = ctypes.c_void_p
OLDEST_TORCH = (2, 10)


class _Op(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("schema", ctypes.c_char_p), ("shapes", ctypes.c_char_p), ("backward", ctypes.c_char_p)]


_DEFINE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(_Op))
_KERNEL = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, KERNEL)
_REJECT = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p)


class _Host(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("abi", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("context", ctypes.c_void_p),
        ("define_op", _DEFINE),
        ("add_kernel", _KERNEL),
        ("add_module", ctypes.c_void_p),
        ("add_format", ctypes.c_void_p),
        ("reject", _REJECT),
    ]


class _Manifest(ctypes.Structure):
    _fields_ = [
        ("size", ctypes.c_size_t),
        ("abi", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32),
        ("name", ctypes.c_char_p),
        ("version", ctypes.c_char_p),
        ("torch_target", ctypes.c_uint64),
        ("torch_built", ctypes.c_uint64),
        ("core_abi", ctypes.c_char_p),
        ("cuda_archs", ctypes.c_char_p),
        ("ops", ctypes.POINTER(ctypes.c_char_p)),
        ("modules", ctypes.POINTER(ctypes.c_char_p)),
        ("formats", ctypes.POINTER(ctypes.c_char_p)),
    ]


def _shims() -> ctypes.CDLL:
    library = ctypes.CDLL(os.path.join(os.path.dirname(torch.__file__), "lib", "libtorch_cpu.so"))
    handle, text, line = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint32
    library.aoti_torch_library_init_impl.argtypes = [text, text, text, line, ctypes.POINTER(handle)]
    library.aoti_torch_library_init_fragment.argtypes = [text, text, line, ctypes.POINTER(handle)]
    library.aoti_torch_library_def.argtypes = [handle, text]
    library.torch_library_impl.argtypes = [handle, text, KERNEL, ctypes.c_uint64]
    library.aoti_torch_delete_library_object.argtypes = [handle]
    return library


class _Library:
    """One library file and its entry; opening it registers nothing."""

    def __init__(self, path: pathlib.Path):
        check_shared_library(path)
        check_note(path)
        try:
            library = ctypes.CDLL(str(path.absolute()))
        except OSError as error:
            raise loader_error(path, str(error)) from None
        try:
            entry = library.bisque_plugin
        except AttributeError:
            raise RuntimeError(f"{path}: is not a plugin, expected it to export bisque_plugin.") from None
        entry.argtypes = [ctypes.POINTER(_Host), ctypes.POINTER(_Manifest)]
        self.path = path
        self._entry = entry
        self.manifest = _Manifest(size=ctypes.sizeof(_Manifest))
        if self.call(None, ctypes.byref(self.manifest)) != 0:
            raise RuntimeError(f"{path}: did not provide a manifest.")
        self._check(path)

    def call(self, host, manifest) -> int:
        with reporting_exceptions(self.path):
            return self._entry(host, manifest)

    def _check(self, path):
        manifest = self.manifest
        target = manifest.torch_target >> 56, manifest.torch_target >> 48 & 0xFF
        check_requirements(path, manifest.abi, target, manifest.core_abi)
        if not manifest.name or manifest.version is None:
            raise RuntimeError(f"{path}: its manifest has no name or version, expected both.")


class Plugin:
    """A loaded op library. It owns the library's registrations; `close()` removes them."""

    def __init__(self, path: pathlib.Path):
        self.path = path
        self.cuda_note = ""
        self._torch = _shims()
        self._handles = {}
        self._python = []  # torch.library.Library objects, which own Python's registrations
        self._ops = []
        self._composed = {}  # from an op to the op that holds its Autograd kernel
        self._rejection = None
        check_shared_library(path)
        check_is_no_cuda_part(path)
        library = _Library(path)
        self.name = library.manifest.name.decode()
        self.version = library.manifest.version.decode()
        for other in plugins():
            if other.name == self.name:
                raise RuntimeError(f"{path}: a plugin {self.name} is loaded already ({other.path}), expected another name.")
        try:
            self._register(library)
            self._check_kernels()
            self._tie()
            self._add_cuda_part()
        except BaseException:
            self.close()
            raise

    @property
    def ops(self) -> list[str]:
        return [name for name, _, _ in self._ops]

    def close(self):
        """Deregisters the ops; the library's code stays in memory."""
        for library in self._python:
            library._destroy()
        self._python.clear()
        for key in sorted(self._handles, key=lambda key: key[1] == ""):  # kernels before their schemas
            self._torch.aoti_torch_delete_library_object(self._handles[key])
        self._handles.clear()
        for name in self.ops:  # torch.ops caches ops
            for op in (name, _shapes.twin_of(name), self._composed.get(name, name)):
                _forget(op)
        if self in _loaded:
            _loaded.remove(self)

    def __repr__(self):
        return f"<bisque3d.Plugin {self.name} {self.version}: {len(self._ops)} ops, {self.path}>"

    def _register(self, library: _Library):
        def guarded(body):
            def call(context, *arguments):
                try:
                    body(*arguments)
                    return 0
                except Exception as error:  # must not pass through the library, so it is kept here
                    self._rejection = error
                    return 1

            return call

        def reject(context, sentence):
            self._rejection = RuntimeError(sentence.decode() + ".")
            return 1

        add_kernel = guarded(lambda op, key, kernel: self._add_kernel(op.decode(), key.decode(), kernel, library.manifest.torch_built))
        host = _Host(size=ctypes.sizeof(_Host), abi=ABI, define_op=_DEFINE(guarded(self._define)), add_kernel=_KERNEL(add_kernel), reject=_REJECT(reject))
        self._rejection = None
        rejected = library.call(ctypes.byref(host), None)
        if self._rejection is not None:
            raise RuntimeError(f"{library.path}: {self._rejection}") from None
        if rejected:
            raise RuntimeError(f"{library.path}: failed to register ({rejected}).")

    def _handle(self, namespace: str, key: str):
        if (namespace, key) not in self._handles:
            handle = ctypes.c_void_p()
            ns, file = namespace.encode(), b"bisque3d"
            if key:
                failed = self._torch.aoti_torch_library_init_impl(ns, key.encode(), file, 0, ctypes.byref(handle))
            else:
                failed = self._torch.aoti_torch_library_init_fragment(ns, file, 0, ctypes.byref(handle))
            if failed:
                raise RuntimeError(f"libtorch rejected a library of {namespace}.")
            self._handles[namespace, key] = handle
        return self._handles[namespace, key]

    def _define(self, op):
        schema = op.contents.schema.decode()
        name = schema.split("(")[0]
        if "::" not in name:
            raise RuntimeError(f"the op {name} has no namespace, expected a name like acme::blur.")
        if _has_schema(name):
            raise RuntimeError(f"the op {name} is taken, expected a name that is not registered.")
        if self._torch.aoti_torch_library_def(self._handle(name.split("::")[0], ""), schema.encode()):
            raise RuntimeError(f"libtorch rejected the schema {schema}.")
        text = lambda value: value.decode() if value else ""
        self._ops.append((name, text(op.contents.shapes), text(op.contents.backward)))

    def _add_kernel(self, op, key, kernel, torch_built):
        if not _has_schema(op):
            raise RuntimeError(f"a kernel is given for {op}, which is not an op.")
        if key == "Meta":
            op = self._define_twin(op, _shapes.twin_of(op))
        if key == "Autograd":
            self._composed[op] = self._define_twin(op, op.replace("::", "_composed::"))
            op, key = self._composed[op], "CompositeImplicitAutograd"
        if self._torch.torch_library_impl(self._handle(op.split("::")[0], key), op.encode(), kernel, torch_built):
            raise RuntimeError(f"libtorch rejected the {key} kernel of {op}.")

    def _define_twin(self, op, twin):
        """An op has one kernel per key. If Python decides what runs, the library's kernel is registered for a twin op, which Python's kernel
        calls. Meta: the shape declaration gives symbolic sizes; for numbers the library's kernel runs with all its checks
        (_shapes.fake_of). Autograd: the library's kernel runs if a gradient is required (_gradients.link_composition)."""
        schema = twin + str(_schema(op))[len(op) :]
        if self._torch.aoti_torch_library_def(self._handle(twin.split("::")[0], ""), schema.encode()):
            raise RuntimeError(f"libtorch rejected the schema {schema}.")
        return twin

    def _check_kernels(self):
        """Programs without CUDA must be able to use each op."""
        has = torch._C._dispatch_has_kernel_for_dispatch_key
        for op in self.ops:
            if has(op, "CUDA") and not has(op, "CPU"):
                raise RuntimeError(f"{self.path}: {op} has a CUDA kernel only, expected one for the CPU too.")

    def _tie(self):
        backwards = {backward for _, _, backward in self._ops if backward}
        for name, shapes, backward in self._ops:
            namespace = name.split("::")[0]
            library = torch.library.Library(namespace, "FRAGMENT")
            self._python.append(library)
            if shapes:
                self._add_shapes(name, shapes, library)
            if backward:
                if not _has_schema(backward):
                    raise RuntimeError(f"{name}: its gradient {backward} is not an op, expected one of this library.")
                _gradients.link(name, backward, library)
            elif name in self._composed:
                _gradients.link_composition(name, self._composed[name], library)
            elif name in backwards:
                _gradients.link_no_second(name, library)
            else:
                _gradients.link_none(name, library)
            if shapes and not name.split("::")[1].startswith("_"):
                _autocast.link(name, library)

    def _add_shapes(self, name, shapes, library):
        fake = _shapes.fake_of(name, shapes)
        if _shapes.is_data_dependent(shapes):  # only a function of register_fake may make new sizes
            torch.library.register_fake(name, fake, lib=library)
        else:  # takes a fiftieth of the time
            library.impl(name.split("::")[1], fake, "Meta")

    def _add_cuda_part(self):
        path = self.path.with_name(self.path.stem + "_cuda" + self.path.suffix)
        if not path.exists():
            return
        if torch.version.cuda is None:
            self.cuda_note = f"{path} is not loaded, because this torch has no CUDA."
        elif torch.version.cuda.split(".")[0] != "13":
            self.cuda_note = f"{path} is not loaded, since this torch has CUDA {torch.version.cuda}, expected CUDA 13."
            warnings.warn(self.cuda_note, stacklevel=5)
        else:
            self._register(_Library(path))


def _forget(op: str):
    """Removes an op from torch.ops, which caches the ops that were used and lists their names: torch.export looks all of them up."""
    namespace, _, name = op.partition("::")
    used = vars(getattr(torch.ops, namespace))
    used.pop(name, None)
    if name in used.get("_dir", ()):
        used["_dir"].remove(name)


def _schema(op: str):
    return torch._C._get_schema(op, "")


def _has_schema(op: str) -> bool:
    try:
        _schema(op)
        return True
    except RuntimeError:
        return False


_loaded: list[Plugin] = []


def plugins() -> list[Plugin]:
    """The loaded libraries, in order."""
    return list(_loaded)


def load_library(path) -> Plugin:
    """Loads a library of ops as a plugin, and `NAME_cuda.so` beside it if this torch has CUDA 13. Its ops are then under
    torch.ops, with gradients and shapes for torch.compile. Works with any torch from 2.10 that the library supports. A file that is loaded
    already is not loaded again.

    Raises RuntimeError, with nothing registered: no such file, a truncated one, not a plugin, another ABI, a torch that is too old, a missing
    symbol, a name that is taken. Warns if all users can change the library. An entry that throws ends the process, after a message with the file.
    """
    if torch_version() < OLDEST_TORCH:
        raise RuntimeError(f"bisque3d needs torch 2.10 or later, but this is torch {torch.__version__}.")
    path = pathlib.Path(path)
    for plugin in _loaded:
        if path.exists() and plugin.path.samefile(path):
            return plugin
    plugin = Plugin(path)
    if note := world_writable_note(plugin.path):
        warnings.warn(note, stacklevel=2)
    _loaded.append(plugin)
    return plugin
