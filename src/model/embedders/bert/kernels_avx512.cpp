// Compiled for x86-64-v4 (CMakeLists.txt): AVX-512 F, BW, CD, DQ and VL.
#if defined(__x86_64__)
#include "model/embedders/bert/kernel_sets.h"
#include "model/embedders/bert/vector_kernels.h"

namespace weir::model::bert {

constinit const Kernels kAvx512Kernels = vector_kernels<16>("avx512");

}  // namespace weir::model::bert
#endif
