// A PE on paper: timing and prices come from the user's architecture file, values do not exist.

#include "models/core/errors.h"
#include "models/pe/registry.h"

namespace mixpe {
namespace {

class Abstract final : public PeModel {
 public:
  using PeModel::PeModel;

  void mac(Sum&, Code, Code, const Operands&, std::uint64_t&) const override { refuse(); }
  void merge(Sum&, const Sum&, std::uint64_t&) const override { refuse(); }
  void add_activation(Sum&, Code, const Operands&, std::uint64_t&) const override { refuse(); }
  void merge_row_sum(Sum&, const Sum&, std::uint64_t&) const override { refuse(); }
  void align_segment(std::span<Code>, const Operands&, int&) const override { refuse(); }

 private:
  [[noreturn]] static void refuse() { throw InvariantError("a PE on paper computes no values"); }
};

const PeRegistration kRegistered{
    "abstract", [](PeSpec spec) { return std::make_unique<Abstract>(std::move(spec)); }};

}  // namespace
}  // namespace mixpe
