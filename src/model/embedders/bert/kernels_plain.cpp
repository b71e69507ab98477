// Vectors of four floats: what every x86-64 and AArch64 processor has, and what a compiler can split
// anywhere.
#include "model/embedders/bert/kernel_sets.h"
#include "model/embedders/bert/vector_kernels.h"

namespace weir::model::bert {

constinit const Kernels kPlainKernels = vector_kernels<4>("plain");

}  // namespace weir::model::bert
