#include <bisque/core/ops/declare.h>
#include <bisque/ops3d/sample_pdf/sample_pdf_kernels.h>

namespace bisque {
namespace {

const op::Op<SamplePdf> sample_pdf({
    .schema = "bisque::sample_pdf(Tensor bins, Tensor weights, int n_samples, Tensor? u=None, float eps=1e-5) -> "
              "Tensor samples",
    .shapes = "weights [R, B], bins [R, B + 1], u [R, n_samples] -> samples [R, n_samples]",
    .require = "B >= 1, n_samples >= 0, eps finite, eps >= 0",
    .scratch = "shares_before [R, B + 1]",
    .backward = "bisque::_sample_pdf_backward",
});

const op::Op<SamplePdfBackward> sample_pdf_backward({
    .schema = "bisque::_sample_pdf_backward(Tensor grad_samples, Tensor bins, Tensor weights, int n_samples, Tensor? "
              "u, float eps) -> (Tensor grad_bins, Tensor grad_weights)",
    .shapes = "weights [R, B], bins [R, B + 1], u [R, n_samples], grad_samples [R, n_samples] -> grad_bins [R, B + 1], "
              "grad_weights [R, B]",
    .require = "B >= 1",
    .scratch = "shares_before [R, B + 1], pulls [R, B]",
});

}  // namespace
}  // namespace bisque
