"""Runs the program, and makes the small models, takes and sounds that its tests give it."""

import gzip
import json
import os
import pathlib
import struct
import subprocess
import threading
import wave

import numpy as np
from PIL import Image
from safetensors.numpy import save_file

from tests.build import BUILD
from tests.cli.fork_server import ForkServer

BISQUE = BUILD / "bin" / "bisque"

ARKIT = (
    "EyeBlinkLeft EyeLookDownLeft EyeLookInLeft EyeLookOutLeft EyeLookUpLeft EyeSquintLeft EyeWideLeft EyeBlinkRight "
    "EyeLookDownRight EyeLookInRight EyeLookOutRight EyeLookUpRight EyeSquintRight EyeWideRight JawForward JawRight "
    "JawLeft JawOpen MouthClose MouthFunnel MouthPucker MouthRight MouthLeft MouthSmileLeft MouthSmileRight "
    "MouthFrownLeft MouthFrownRight MouthDimpleLeft MouthDimpleRight MouthStretchLeft MouthStretchRight MouthRollLower "
    "MouthRollUpper MouthShrugLower MouthShrugUpper MouthPressLeft MouthPressRight MouthLowerDownLeft "
    "MouthLowerDownRight MouthUpperUpLeft MouthUpperUpRight BrowDownLeft BrowDownRight BrowInnerUp BrowOuterUpLeft "
    "BrowOuterUpRight CheekPuff CheekSquintLeft CheekSquintRight NoseSneerLeft NoseSneerRight TongueOut"
).split()
ANGLES = "HeadYaw HeadPitch HeadRoll LeftEyeYaw LeftEyePitch LeftEyeRoll RightEyeYaw RightEyePitch RightEyeRoll".split()
LIVE_LINK = ARKIT + ANGLES


_server = None
_server_lock = threading.Lock()
# What decides on a process before it runs the program: such runs get the real one.
_OF_A_PROCESS = {"preexec_fn", "user", "group", "extra_groups"}


def run(*arguments, env=None, **options) -> subprocess.CompletedProcess:
    """The program with these arguments; its output as text. It runs in a forked child of a process that has loaded
    libtorch, or as a program of its own where that makes a difference: in another environment, with other limits."""
    global _server
    options = {"capture_output": True, "text": True, "errors": "surrogateescape", "timeout": 120} | options
    command = [str(BISQUE), *(a if isinstance(a, bytes) else str(a) for a in arguments)]
    with _server_lock:
        _server = _server or ForkServer()
    if env or not _server.has_environment_of_now() or _OF_A_PROCESS & options.keys():
        return subprocess.run(command, env=os.environ | (env or {}), **options)
    return _server.run(command, **options)


def succeed(*arguments, **options) -> subprocess.CompletedProcess:
    result = run(*arguments, **options)
    assert result.returncode == 0, result.stderr
    return result


def message_of(result: subprocess.CompletedProcess, code: int = 1) -> str:
    """The only line that a failed run prints, without `bisque: `; stdout and the rest of stderr are empty."""
    assert result.returncode == code, (result.returncode, result.stderr)
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("bisque: "), result.stderr
    return lines[0].removeprefix("bisque: ")


def fail(*arguments, code: int = 1, **options) -> str:
    return message_of(run(*arguments, **options), code)


def load(path) -> np.ndarray:
    """A picture as int, [height, width, channels]."""
    with Image.open(path) as picture:
        return np.asarray(picture).astype(int)


def silhouette(picture: np.ndarray) -> np.ndarray:
    """The mask of pixels that a picture on transparent background covers."""
    return picture[..., 3] > 127


def box(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right and bottom (exclusive) of a mask."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def changed(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.abs(a - b).max(2) > 6


def seen(shoot, model, *arguments, size="200"):
    return silhouette(shoot("--background", "transparent", "--size", size, *arguments, model=model))


def write_obj(path, verts, faces, extra=()) -> pathlib.Path:
    """`faces` are of vertex numbers from 0; a string among them is a line of its own (usemtl)."""
    lines = [f"v {x:.9g} {y:.9g} {z:.9g}" for x, y, z in verts]
    lines += [*extra]
    lines += [face if isinstance(face, str) else "f " + " ".join(str(i + 1) for i in face) for face in faces]
    path.write_text("\n".join(lines) + "\n")
    return path


SHAPES = ("browInnerUp_L", "browInnerUp_R", "eyeBlink_L", "eyeBlink_R", "jawOpen")


def grid(size: int = 9) -> tuple[np.ndarray, list]:
    """A flat square from -1 to 1 as quads, its left half (x < 0) one material and its right half another."""
    steps = np.linspace(-1, 1, size)
    verts = np.array([(x, y, 0.0) for y in steps for x in steps])
    halves = {"usemtl M_West": [], "usemtl M_EyeLashes": []}
    for row in range(size - 1):
        for column in range(size - 1):
            first = row * size + column
            half = halves["usemtl M_West" if column < (size - 1) // 2 else "usemtl M_EyeLashes"]
            half.append((first, first + 1, first + size + 1, first + size))
    return verts, [line for name, quads in halves.items() for line in (name, *quads)]


def moved(verts: np.ndarray, shape: str) -> np.ndarray:
    """The grid with one of SHAPES at 1: its part moves by a shape's own amount."""
    result = verts.copy()
    part = {"brow": verts[:, 1] > 0.5, "eyeB": np.abs(verts[:, 1]) < 0.3, "jawO": verts[:, 1] < -0.5}[shape[:4]]
    if shape.endswith(("_L", "_R")):
        part &= (verts[:, 0] > 0) == shape.endswith("_L")
    result[part] += (0.0, -0.25, 0.125 * (1 + SHAPES.index(shape)))
    return result


def write_model_folder(folder: pathlib.Path) -> pathlib.Path:
    folder.mkdir()
    verts, faces = grid()
    write_obj(folder / "grid_neutral.obj", verts, faces)
    for shape in SHAPES:
        write_obj(folder / f"{shape}.obj", moved(verts, shape), faces)
    return folder


def write_small_model(folder: pathlib.Path) -> pathlib.Path:
    """A model that is read fast."""
    succeed("convert", write_model_folder(folder / "obj"), folder / "model.safetensors")
    return folder / "model.safetensors"


def write_gltf(path: pathlib.Path) -> pathlib.Path:
    """The same model as a text .gltf whose data is in a .bin beside it."""
    verts, lines = grid()
    quads = [face for face in lines if not isinstance(face, str)]
    triangles = np.array([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))], np.uint16)
    arrays = [triangles.reshape(-1), verts.astype(np.float32)]
    arrays += [(moved(verts, shape) - verts).astype(np.float32) for shape in SHAPES]
    blob, views, accessors = b"", [], []
    for i, array in enumerate(arrays):
        views.append({"buffer": 0, "byteOffset": len(blob), "byteLength": array.nbytes})
        kind = {"componentType": 5123, "type": "SCALAR"} if i == 0 else {"componentType": 5126, "type": "VEC3"}
        accessors.append({"bufferView": i, "count": len(array), **kind})
        if i > 0:
            accessors[-1] |= {"min": array.min(0).tolist(), "max": array.max(0).tolist()}
        blob += array.tobytes() + bytes(-array.nbytes % 4)
    primitive = {
        "attributes": {"POSITION": 1},
        "indices": 0,
        "targets": [{"POSITION": 2 + i} for i in range(len(SHAPES))],
    }
    document = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [primitive], "extras": {"targetNames": SHAPES}}],
        "buffers": [{"uri": path.stem + ".bin", "byteLength": len(blob)}],
        "bufferViews": views,
        "accessors": accessors,
    }
    path.write_text(json.dumps(document))
    path.with_suffix(".bin").write_bytes(blob)
    return path


def live_link_rows(frames: int) -> np.ndarray:
    """[frames, 61]: an opening jaw and a closing left eye; the head and the eyes rest."""
    rows = np.zeros((frames, len(LIVE_LINK)), np.float32)
    rows[:, LIVE_LINK.index("JawOpen")] = np.linspace(0, 1, frames)
    rows[:, LIVE_LINK.index("EyeBlinkLeft")] = np.linspace(1, 0, frames) ** 2
    return rows


def write_csv(path, rows, rate: int = 60, numbers=None) -> pathlib.Path:
    """`numbers` are those of the rows' frames, 0, 1, ... by default."""
    numbers = range(len(rows)) if numbers is None else numbers
    lines = ["Timecode,BlendShapeCount," + ",".join(LIVE_LINK)]
    for number, row in zip(numbers, rows):
        timecode = f"00:00:{number // rate:02d}:{number % rate:02d}.000"
        lines.append(",".join([timecode, "61", *(f"{value:.9g}" for value in row)]))
    path.write_text("\n".join(lines) + "\n")
    return path


def packets(rows, rate: int = 60) -> bytes:
    data = b""
    for number, row in enumerate(rows):
        packet = struct.pack(">BI4sI5sifiiB", 6, 4, b"id-1", 5, b"phone", number, 0.0, rate, 1, 61)
        packet += np.asarray(row, ">f4").tobytes()
        data += struct.pack(">I", len(packet)) + packet
    return data


def write_takes(folder: pathlib.Path, rows) -> list[pathlib.Path]:
    """One take at 60 Hz in every format."""
    folder.mkdir()
    names = [name[0].lower() + name[1:] for name in LIVE_LINK]
    write_csv(folder / "take.csv", rows)
    data = packets(rows)
    (folder / "take.packets").write_bytes(data)
    (folder / "take.gesichter").write_bytes(gzip.compress(struct.pack(">BI", 6, len(rows)) + data))
    values = np.asarray(rows).astype(float).tolist()
    (folder / "rows.json").write_text(json.dumps({"names": names, "rows": values, "fps": 60}))
    (folder / "objects.json").write_text(json.dumps([dict(zip(names, row)) for row in values]))
    np.save(folder / "plain.npy", np.asarray(rows, np.float32))
    (folder / "plain.names.json").write_text(json.dumps({"names": names, "fps": 60}))
    fields = np.zeros(len(rows), [(name, "<f4") for name in names])
    for i, name in enumerate(names):
        fields[name] = np.asarray(rows)[:, i]
    np.save(folder / "fields.npy", fields)
    metadata = {"names": json.dumps(names), "fps": "60"}
    save_file({"values": np.asarray(rows, np.float32)}, folder / "take.safetensors", metadata)
    return sorted(path for path in folder.iterdir() if not path.name.endswith(".names.json"))


def write_names_take(path: pathlib.Path, rate: int = 30, **columns) -> pathlib.Path:
    """A JSON take of these columns: each a number, or one per frame."""
    rows = np.atleast_2d(np.transpose([np.atleast_1d(column) for column in columns.values()]))
    path.write_text(json.dumps({"names": list(columns), "rows": rows.tolist(), "fps": rate}))
    return path


def write_wav(path: pathlib.Path, seconds: float) -> pathlib.Path:
    samples = (8000 * np.sin(np.arange(round(seconds * 16000)) * 0.2)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(samples.tobytes())
    return path
