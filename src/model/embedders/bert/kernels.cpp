#include "model/embedders/bert/kernels.h"

#include <array>

#include "model/embedders/bert/kernel_sets.h"

namespace weir::model::bert {
namespace {

struct Usable {
  std::array<const Kernels*, 4> sets{};
  std::size_t count = 0;
};

// The compiler's own question to cpuid, which also asks whether the kernel keeps the wide registers.
Usable ask_processor() {
  Usable usable;
  usable.sets[usable.count++] = &kPlainKernels;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const auto add = [&usable](const Kernels& set) { usable.sets[usable.count++] = &set; };
  const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                  __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  const bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512vl");
  if (v3) add(kAvx2Kernels);
  if (v4) add(kAvx512Kernels);
  if (v4 && __builtin_cpu_supports("avx512vnni")) add(kVnniKernels);
#endif
  return usable;
}

}  // namespace

std::size_t attention_scratch(std::size_t length, const AttentionShape& shape) {
  constexpr std::size_t kTileRowsMax = 12;
  const std::size_t padded = (length + kPanel - 1) / kPanel * kPanel;
  return padded * (shape.head_stride + kTileRowsMax);
}

std::span<const Kernels* const> usable_kernels() {
  static const Usable usable = ask_processor();
  return std::span(usable.sets).first(usable.count);
}

const Kernels* find_kernels(std::string_view name) {
  const auto sets = usable_kernels();
  if (name == "auto") return sets.back();
  for (const Kernels* set : sets)
    if (set->name == name) return set;
  return nullptr;
}

}  // namespace weir::model::bert
