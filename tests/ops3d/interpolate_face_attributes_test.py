"""The op interpolate_face_attributes and its gradient, against torch."""

import pytest
import torch

from bisque3d.testing import OpTests


class TestInterpolateFaceAttributes(OpTests):
    op = "bisque::interpolate_face_attributes"
    gradients = ["bary_coords", "face_attributes"]
    gradcheck_cases = ["small", "background"]

    def picture(self, N, H, W, K, F, D, dtype, random):
        return dict(
            pix_to_face=torch.randint(-1, F, (N, H, W, K), generator=random.generator),
            bary_coords=random(N, H, W, K, 3, dtype=dtype),
            face_attributes=random(F, 3, D, dtype=dtype),
        )

    def inputs_many(self, dtype, random):
        return self.picture(2, 30, 41, 2, 50, 4, dtype, random)

    def inputs_small(self, dtype, random):
        return self.picture(1, 2, 3, 2, 4, 3, dtype, random)

    def inputs_background(self, dtype, random):
        return self.picture(1, 2, 2, 1, 0, 3, dtype, random)

    def inputs_no_attributes(self, dtype, random):
        return self.picture(1, 2, 2, 1, 3, 0, dtype, random)

    def inputs_no_pictures(self, dtype, random):
        return self.picture(0, 2, 2, 1, 3, 2, dtype, random)

    def reference(self, pix_to_face, bary_coords, face_attributes):
        shown = pix_to_face >= 0
        if not len(face_attributes):
            return bary_coords.new_zeros(*pix_to_face.shape, face_attributes.shape[-1])
        corners = face_attributes[pix_to_face.clamp_min(0)]
        return torch.where(shown[..., None], (bary_coords[..., None] * corners).sum(-2), 0)

    errors = [
        (dict(bary_coords=torch.zeros(2, 30, 41, 2)), r"interpolate_face_attributes: expected bary_coords to have shape \[N, H, W, K, 3\]"),
        (dict(pix_to_face=torch.zeros(2, 30, 41, 1, dtype=torch.int64)), r"expected pix_to_face to have shape \[N, H, W, K\] = \[1, 2, 2, 1\]"),
        (dict(face_attributes=torch.zeros(50, 3, 4, dtype=torch.float64)), "expected face_attributes to be float32 as bary_coords, but got float64"),
    ]


BAD = torch.tensor([0, 2, 1]).view(1, 1, 3, 1)


def test_a_face_that_does_not_exist_is_reported():
    bary, attributes = torch.rand(1, 1, 3, 1, 3), torch.rand(2, 3, 2)
    with pytest.raises(RuntimeError, match=r"interpolate_face_attributes: expected pix_to_face to lie in \[0, 2\), but got 2 at \[0, 0, 1, 0\]"):
        torch.ops.bisque.interpolate_face_attributes(BAD, bary, attributes)
    for needs in ((True, False), (False, True)):
        with pytest.raises(RuntimeError, match="_interpolate_face_attributes_backward: expected pix_to_face to lie in"):
            torch.ops.bisque._interpolate_face_attributes_backward(torch.zeros(1, 1, 3, 1, 2), BAD, bary, attributes, *needs)


@pytest.mark.cuda
def test_cuda_takes_a_face_that_does_not_exist_as_background():
    bary, attributes = torch.rand(1, 1, 3, 1, 3), torch.rand(2, 3, 2)
    got = torch.ops.bisque.interpolate_face_attributes(BAD.cuda(), bary.cuda(), attributes.cuda()).cpu()
    expected = torch.ops.bisque.interpolate_face_attributes(torch.where(BAD == 2, -1, BAD), bary, attributes)
    torch.testing.assert_close(got, expected)
