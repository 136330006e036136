#include "sim/app/full_power.h"

#include <gtest/gtest.h>

#include "sim/config/arch.h"
#include "sim/energy/fit_area.h"
#include "sim/workload/locate.h"
#include "sim/workload/trace.h"

namespace mixpe {
namespace {

ArchSpec arch_of(const std::string& name) {
  Diagnostics wrong;
  const auto path = find_config("arch", name, wrong);
  const auto arch = load_arch(path.value_or(""), wrong);
  wrong.throw_if_any();
  return *arch;
}

Workload gemm(const std::string& scheme, int m, int n, int k) {
  Diagnostics wrong;
  const auto w = parse_trace_csv("t.csv",
                                 "layer,op,m,n,k\nl,o," + std::to_string(m) + "," +
                                     std::to_string(n) + "," + std::to_string(k),
                                 scheme, wrong);
  wrong.throw_if_any();
  return *w;
}

double watts(const ArchSpec& arch, const Workload& workload) {
  Diagnostics wrong;
  const TechTable tech = load_tech(arch.tech, wrong);
  const double w = full_power_w(arch, tech, workload, wrong);
  wrong.throw_if_any();
  return w;
}

TEST(FullPower, IsThePesOwnPowerForTheMostPart) {
  // docs/energy.md: a busy W4A8 PE takes 0.88 to 1.11 pJ per 2 ns cycle, 1.14 to 1.33 with its
  // shadow register: 4096 of them 2.3 to 2.7 W. Lanes, row sums and buffers come on top.
  const double w = watts(arch_of("mixpe_w4a8_64x64"), gemm("w4a8kv4_g128", 64, 64, 4096));
  EXPECT_GT(w, 2.2);
  EXPECT_LT(w, 3.3);
}

TEST(FullPower, DoesNotDependOnHowMuchOfTheArrayTheWorkloadFills) {
  const ArchSpec arch = arch_of("int8_64x64");
  EXPECT_EQ(watts(arch, gemm("w8a8kv8", 1, 8, 2048)), watts(arch, gemm("w8a8kv8", 512, 512, 2048)));
}

TEST(FullPower, GrowsWithTheArray) {
  const ArchSpec arch = arch_of("fp16_64x64");
  const Workload w = gemm("fp16", 64, 64, 2048);
  double before = 0;
  for (const ArraySize size : {ArraySize{16, 16}, {16, 32}, {32, 32}, {64, 32}, {64, 64}}) {
    const double now = watts(resized(arch, size), w);
    EXPECT_GT(now, before);
    before = now;
  }
  // Four times the PEs: nearly four times the power, the buffers' leakage being small.
  const double ratio = watts(resized(arch, {64, 64}), w) / watts(resized(arch, {32, 32}), w);
  EXPECT_GT(ratio, 3.5);
  EXPECT_LT(ratio, 4.05);
}

TEST(FullPower, DramCostsNothingHere) {
  ArchSpec arch = arch_of("int8_64x64");
  const Workload w = gemm("w8a8kv8", 64, 64, 2048);
  const double hbm = watts(arch, w);
  arch.memory.dram = "ddr4";
  EXPECT_EQ(watts(arch, w), hbm);
}

TEST(FullPower, OrdersPesAsTheirEnergyPerCycle) {
  const double w4a8 = watts(arch_of("mixpe_w4a8_64x64"), gemm("w4a8kv4_g128", 64, 64, 4096));
  const double int8 = watts(arch_of("int8_64x64"), gemm("w8a8kv8", 64, 64, 4096));
  const double fp16 = watts(arch_of("fp16_64x64"), gemm("fp16", 64, 64, 4096));
  EXPECT_LT(w4a8, int8);
  EXPECT_LT(3 * int8, fp16);
}

}  // namespace
}  // namespace mixpe
