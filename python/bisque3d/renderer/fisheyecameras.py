"""FishEyeCameras: cameras with radial, tangential and thin-prism distortion."""

import math

import torch

from .cameras import _R, _T, CamerasBase

_NEWTON_STEPS = 20
_GREATEST_ANGLE = 0.999 * math.pi / 2

_focal_length = torch.tensor(((1.0,),))
_principal_point = torch.tensor(((0.0, 0.0),))
_radial_params = torch.tensor(((0.0, 0.0, 0.0, 0.0, 0.0, 0.0),))
_tangential_params = torch.tensor(((0.0, 0.0),))
_thin_prism_params = torch.tensor(((0.0, 0.0, 0.0, 0.0),))


class FishEyeCameras(CamerasBase):
    """Cameras with the distortion of a fisheye lens, in NDC.

    For a view point (X, Y, Z), with a = X / Z, b = Y / Z, r = |(a, b)|, theta = atan r, q = (x_r, y_r), d = |q|^2, radial_params k [N, any],
    tangential_params p [N, 2] and thin_prism_params s [N, 4]:

        q = theta (1 + k0 theta^2 + k1 theta^4 + ...) (a, b) / r
        uv = q + 2 (q . p) q + d p + (s0 d + s1 d^2, s2 d + s3 d^2)
        (x, y) = focal_length uv + principal_point

    focal_length is [N, 1] or [N, 2], principal_point [N, 2]. Without use_radial q is (a, b). Points are in view space unless
    `world_coordinates`; a point with negative Z is at the place of its mirror image (-X, -Y, -Z). Tensors are broadcast to N cameras.

    >>> cameras = FishEyeCameras(focal_length=torch.tensor([[2.0]]), use_radial=False)
    >>> cameras.transform_points(torch.tensor([[1.0, 0.0, 2.0]]))
    tensor([[1., 0., 1.]])
    """

    _FIELDS = (
        "focal_length",
        "principal_point",
        "R",
        "T",
        "radial_params",
        "tangential_params",
        "thin_prism_params",
        "world_coordinates",
        "use_radial",
        "use_tangential",
        "use_thin_prism",
        "image_size",
    )
    _SHARED_FIELDS = ("world_coordinates", "use_radial", "use_tangential", "use_thin_prism")

    def __init__(
        self,
        focal_length=_focal_length,
        principal_point=_principal_point,
        radial_params=_radial_params,
        tangential_params=_tangential_params,
        thin_prism_params=_thin_prism_params,
        R: torch.Tensor = _R,
        T: torch.Tensor = _T,
        world_coordinates: bool = False,
        use_radial: bool = True,
        use_tangential: bool = True,
        use_thin_prism: bool = True,
        device="cpu",
        image_size: list | tuple | torch.Tensor | None = None,
    ) -> None:
        sizes = {} if image_size is None else {"image_size": image_size}
        super().__init__(
            device=device,
            focal_length=focal_length,
            principal_point=principal_point,
            radial_params=radial_params,
            tangential_params=tangential_params,
            thin_prism_params=thin_prism_params,
            R=R,
            T=T,
            **sizes,
        )
        if image_size is None:
            self.image_size = None
        elif (self.image_size < 1).any():
            raise ValueError("Image_size provided has invalid values")
        self.world_coordinates = world_coordinates
        self.use_radial = use_radial
        self.use_tangential = use_tangential
        self.use_thin_prism = use_thin_prism

    @property
    def focal(self) -> torch.Tensor:
        """The focal length, by PyTorch3D's name."""
        return self.focal_length

    @focal.setter
    def focal(self, value: torch.Tensor) -> None:
        self.focal_length = value

    @property
    def num_radial(self) -> int:
        """The number of radial parameters."""
        return self.radial_params.shape[-1]

    def check_input(self, points: torch.Tensor, batch_size: int) -> bool:
        """Whether points are [P, 3], [1, P, 3] or [M, P, 3], with M = batch_size or batch_size = 1."""
        if points.ndim not in (2, 3) or points.shape[-1] != 3:
            return False
        return points.ndim == 2 or points.shape[0] in (1, batch_size) or batch_size == 1

    def transform_points(self, points: torch.Tensor, eps: float | None = None, **kwargs) -> torch.Tensor:
        """The places (x, y, 1) of points [P, 3], [1, P, 3] or [M, P, 3]: of the same shape for one camera, else [N, P, 3].

        `eps` keeps depths away from 0. Differentiable. Raises ValueError for points of another shape.
        """
        points = points.to(self.device)
        self._check(points)
        view = self.get_world_to_view_transform(R=self.R, T=self.T).transform_points(points) if self.world_coordinates else points
        places = self._project(view if view.ndim == 3 else view[None], eps)
        return self._of_shape(torch.cat([places, torch.ones_like(places[..., :1])], -1), points)

    def unproject_points(self, xy_depth: torch.Tensor, world_coordinates: bool = True, scaled_depth_input: bool = False, **kwargs) -> torch.Tensor:
        """The inverse of transform_points: the points at places and depths in view space (x, y, depth), of the shapes of transform_points. Places
        without depths (x, y) have depth 1.

        They are in world space if both this `world_coordinates` and that of the cameras are true, else in view space. Newton's method, for
        angles theta below 90 degrees; first derivatives are exact.
        """
        if scaled_depth_input:
            raise ValueError("FishEyeCameras: expected depths of view space in unproject_points, since transform_points gives no other.")
        xy_depth = xy_depth.to(self.device)
        if xy_depth.shape[-1] == 2:
            xy_depth = torch.cat([xy_depth, torch.ones_like(xy_depth[..., :1])], -1)
        self._check(xy_depth)
        rows = xy_depth if xy_depth.ndim == 3 else xy_depth[None]
        ab = self._undistort((rows[..., :2] - self.principal_point[:, None]) / self.focal_length[:, None])
        if self.use_radial:
            ab = ab * self._radial_stretch(ab)
        view = torch.cat([ab * rows[..., 2:], rows[..., 2:].expand_as(ab[..., :1])], -1)
        if world_coordinates and self.world_coordinates:
            view = self.get_world_to_view_transform(R=self.R, T=self.T).inverse().transform_points(view)
        return self._of_shape(view, xy_depth)

    def in_ndc(self) -> bool:
        """True: places are taken as NDC."""
        return True

    def is_perspective(self) -> bool:
        """False: there is no projection matrix."""
        return False

    def _check(self, points: torch.Tensor) -> None:
        if not self.check_input(points, len(self)):
            raise ValueError(
                "Expected points of (P, 3) with batch_size 1 or N, or shape (M, P, 3) with batch_size 1 or M; "
                f"got points of shape {tuple(points.shape)} and batch_size {len(self)}."
            )

    def _of_shape(self, rows: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
        return rows[0] if points.ndim == 2 and len(self) == 1 else rows

    def _project(self, view: torch.Tensor, eps: float | None) -> torch.Tensor:
        """x and y of view points [N, P, 3]."""
        depth = view[..., 2:]
        q = view[..., :2] / (depth if eps is None else _away_from_zero(depth, eps))
        if self.use_radial:
            squares = q.square().sum(-1, keepdim=True)
            factor = _atan_over(squares)  # theta / r
            q = q * (factor * self._radial_factor(factor.square() * squares))
        return self.focal_length[:, None] * self._distort(q) + self.principal_point[:, None]

    def _radial_factor(self, squared_angles: torch.Tensor, derivative: bool = False) -> torch.Tensor:
        """1 + k0 theta^2 + k1 theta^4 + ... of angles [N, P, 1], or the derivative of theta times it by theta."""
        total = torch.zeros_like(squared_angles)
        for i in reversed(range(self.num_radial)):
            k = self.radial_params[:, None, i : i + 1]
            total = (total + (k * (2 * i + 3) if derivative else k)) * squared_angles
        return total + 1

    def _distort(self, q: torch.Tensor) -> torch.Tensor:
        d, uv = q.square().sum(-1, keepdim=True), q
        if self.use_tangential:
            p = self.tangential_params[:, None]
            uv = uv + 2 * (q * p).sum(-1, keepdim=True) * q + d * p
        if self.use_thin_prism:
            s = self.thin_prism_params[:, None]
            uv = uv + s[..., 0::2] * d + s[..., 1::2] * d.square()
        return uv

    def _distortion_jacobian(self, q: torch.Tensor) -> torch.Tensor:
        """[N, P, 2, 2]: of _distort."""
        identity = torch.eye(2, dtype=q.dtype, device=q.device)
        J = identity.expand(*q.shape[:-1], 2, 2)
        if self.use_tangential:
            p = self.tangential_params[:, None].expand_as(q)
            J = J + 2 * (_outer(q, p) + _outer(p, q) + (q * p).sum(-1)[..., None, None] * identity)
        if self.use_thin_prism:
            s = self.thin_prism_params[:, None]
            J = J + _outer(2 * s[..., 0::2] + 4 * s[..., 1::2] * q.square().sum(-1, keepdim=True), q)
        return J

    def _undistort(self, uv: torch.Tensor) -> torch.Tensor:
        """The inverse of _distort. The last step, from a solution without gradient, has the derivatives of the solution."""
        if not self.use_tangential and not self.use_thin_prism:
            return uv
        with torch.no_grad():
            q = uv
            for _ in range(_NEWTON_STEPS):
                q = q + _solve(self._distortion_jacobian(q), uv - self._distort(q))
            J = self._distortion_jacobian(q)
        return q + _solve(J, uv - self._distort(q))

    def _radial_stretch(self, q: torch.Tensor) -> torch.Tensor:
        """tan(theta) / |q|: see _undistort."""
        squares = q.square().sum(-1, keepdim=True)
        is_tiny = squares <= 1e-16
        radius = torch.where(is_tiny, 1.0, squares).sqrt()

        def residual(theta):
            return radius - theta * self._radial_factor(theta.square())

        with torch.no_grad():
            theta = radius.clamp(0, _GREATEST_ANGLE)
            for _ in range(_NEWTON_STEPS):
                theta = (theta + residual(theta) / self._slope(theta)).clamp(0, _GREATEST_ANGLE)
            slope = self._slope(theta)
        theta = (theta + residual(theta) / slope).clamp(0, _GREATEST_ANGLE)
        return torch.where(is_tiny, 1.0, theta.tan() / radius)

    def _slope(self, theta: torch.Tensor) -> torch.Tensor:
        return _away_from_zero(self._radial_factor(theta.square(), derivative=True), 1e-10)


def _away_from_zero(x: torch.Tensor, smallest: float) -> torch.Tensor:
    return torch.where(x < 0, x.clamp_max(-smallest), x.clamp_min(smallest))


def _atan_over(squares: torch.Tensor) -> torch.Tensor:
    """atan(r) / r of r^2: by a series close to 0, where the formula has no derivative."""
    is_small = squares < 1e-6
    r, x = torch.where(is_small, 1.0, squares).sqrt(), torch.where(is_small, squares, 0.0)
    return torch.where(is_small, 1 - x / 3 + x.square() / 5, r.atan() / r)


def _outer(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return a[..., :, None] * b[..., None, :]


def _solve(M: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """M^-1 v for 2x2 matrices."""
    (a, b), (c, d) = M[..., 0, :].unbind(-1), M[..., 1, :].unbind(-1)
    x, y = v.unbind(-1)
    return torch.stack([d * x - b * y, a * y - c * x], -1) / (a * d - b * c)[..., None]
