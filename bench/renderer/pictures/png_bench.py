from harness import WORK, peer


@peer("png_encode_512", "Pillow")
def pillow():
    import io

    from PIL import Image

    picture = Image.open(WORK / "demo.png").convert("RGB")
    picture.load()
    return lambda: picture.save(io.BytesIO(), "png", compress_level=1)
