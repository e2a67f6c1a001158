"""The place of PyTorch3D's renderer of spheres, which does not exist here."""

raise ImportError("bisque3d has no pulsar renderer of spheres; use PointsRenderer, which draws points as discs.")
