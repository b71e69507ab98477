// model/embedders/bert/kernel_sets.h: the sets that kernels.cpp chooses from, each in its own file.
#pragma once

#include "model/embedders/bert/kernels.h"

namespace weir::model::bert {

extern const Kernels kPlainKernels;
#if defined(__x86_64__)
extern const Kernels kAvx2Kernels;    // x86-64-v3
extern const Kernels kAvx512Kernels;  // x86-64-v4
extern const Kernels kVnniKernels;    // x86-64-v4 with AVX512_VNNI
#endif

}  // namespace weir::model::bert
