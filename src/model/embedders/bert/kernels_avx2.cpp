// Compiled for x86-64-v3 (CMakeLists.txt): AVX2 and FMA.
#if defined(__x86_64__)
#include "model/embedders/bert/kernel_sets.h"
#include "model/embedders/bert/vector_kernels.h"

namespace weir::model::bert {

constinit const Kernels kAvx2Kernels = vector_kernels<8>("avx2");

}  // namespace weir::model::bert
#endif
