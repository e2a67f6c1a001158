#include <bisque/ops3d/sample_pdf/sample_pdf_kernels.h>
#include <bisque/core/ops/each.cuh>

BISQUE_ON_CUDA(bisque::SamplePdf)
BISQUE_ON_CUDA(bisque::SamplePdfBackward)
