"""Calls the entry of a plugin, a C function."""

import contextlib
import ctypes
import os


@contextlib.contextmanager
def reporting_exceptions(path):
    """Reports the file of an entry that throws. The exception cannot be caught here, because C and Python are its callers: the process ends."""
    cxx = ctypes.CDLL("libstdc++.so.6")
    cxx.__cxa_current_exception_type.restype = ctypes.POINTER(ctypes.c_void_p)
    cxx.__cxa_demangle.restype = ctypes.c_char_p
    set_terminate = cxx._ZSt13set_terminatePFvvE
    set_terminate.restype, set_terminate.argtypes = ctypes.c_void_p, [ctypes.c_void_p]

    def end():
        kind = cxx.__cxa_current_exception_type()
        name = ctypes.cast(kind[1], ctypes.c_char_p) if kind else None  # a std::type_info: its vtable, then its name
        text = name and (cxx.__cxa_demangle(name, None, None, None) or name.value).decode()
        os.write(2, f"bisque3d: {path}: its entry bisque_plugin threw an exception of type {text}, which it must catch.\n".encode())
        os.abort()

    handler = ctypes.CFUNCTYPE(None)(end)
    before = set_terminate(ctypes.cast(handler, ctypes.c_void_p))
    try:
        yield
    finally:
        set_terminate(before)
