#include "sim/cosim/rtl_array_model.h"

#include <bit>

#include "models/core/errors.h"
#include "sim/cosim/flat_module.h"

namespace mixpe {
namespace {

/// Copies the state of one simulated array to another through memory.
constexpr const char* kRestore = R"cpp(
#include <cstring>
#include <vector>
#include "verilated_save.h"
  namespace {
  struct Saver final : VerilatedSerialize {
    std::vector<std::uint8_t> bytes;
    Saver() { m_isOpen = true; }
    void flush() override {
      bytes.insert(bytes.end(), m_bufp, m_cp);
      m_cp = m_bufp;
    }
  };
  struct Restorer final : VerilatedDeserialize {
    const std::vector<std::uint8_t>& bytes;
    std::size_t at = 0;
    explicit Restorer(const std::vector<std::uint8_t>& from) : bytes(from) {
      m_isOpen = true;
      m_endp = m_bufp;
      fill();
    }
    void close() override {}
    void fill() override {
      const std::size_t left = m_endp - m_cp;
      std::memmove(m_bufp, m_cp, left);
      const std::size_t more = std::min(bufferSize() - left, bytes.size() - at);
      std::memcpy(m_bufp + left, bytes.data() + at, more);
      at += more;
      m_cp = m_bufp;
      m_endp = m_bufp + left + more;
    }
  };
  }  // namespace
  RTL_EXPORT bool array_restore(void* self, void* from) {
    auto& to = *static_cast<RtlModel*>(self);
    return guarded(to, [&] {
      Saver saver;
      saver << static_cast<RtlModel*>(from)->top;
      saver.flush();
      Restorer restorer(saver.bytes);
      restorer >> to.top;
    });
  }
)cpp";

constexpr const char* kWaves = R"cpp(
#include <memory>
  namespace {
  struct WaveFile {
    TraceFile file;
    ~WaveFile() { file.close(); }
  };
  std::unique_ptr<WaveFile> waves;
  }  // namespace
  RTL_EXPORT bool array_open_waves(void* self, const char* path) {
    auto& model = *static_cast<RtlModel*>(self);
    model.context.traceEverOn(true);
    waves = std::make_unique<WaveFile>();
    model.top.trace(&waves->file, 99);
    waves->file.open(path);
    return waves->file.isOpen();
  }
  RTL_EXPORT void array_close_waves() { waves.reset(); }
  RTL_EXPORT bool array_run_waves(void* self, std::uint64_t time, const std::uint64_t* in,
                                  std::uint64_t* out) {
    auto& model = *static_cast<RtlModel*>(self);
    return guarded(model, [&] {
      set_inputs(model.top, in);
      model.top.eval();
      set_clock(model.top, 1);
      model.top.eval();
      get_outputs(model.top, out);
      waves->file.dump(static_cast<vluint64_t>(time));
      set_clock(model.top, 0);
      model.top.eval();
      waves->file.dump(static_cast<vluint64_t>(time + 5));
    });
  }
)cpp";

}  // namespace

std::string rtl_array_shim(const std::vector<RtlPort>& ports, Waves waves) {
  std::string text = flat_shim(ports) + kRestore;
  if (waves == Waves::kVcd) {
    text += "#include \"verilated_vcd_c.h\"\nusing TraceFile = VerilatedVcdC;\n";
  }
  if (waves == Waves::kFst) {
    text += "#include \"verilated_fst_c.h\"\nusing TraceFile = VerilatedFstC;\n";
  }
  return waves == Waves::kNone ? text : text + kWaves;
}

RtlArrayModel::RtlArrayModel(std::shared_ptr<const RtlLibrary> library,
                             const std::vector<RtlPort>& ports)
    : ports_(ports),
      library_(library),
      pool_(std::make_shared<Pool>()),
      instance_(std::make_unique<RtlInstance>(library)),
      run_(library->function<Run>("flat_run")) {
  std::size_t inputs = 0, outputs = 0;
  for (const RtlPort& p : ports_) {
    if (p.name != "clk_i") (p.output ? outputs : inputs) += static_cast<std::size_t>(p.words());
  }
  in_.assign(inputs, 0);
  out_.assign(outputs, 0);
  // Only control bits are reset: zeros pass through the rest before the first operand.
  for (const int running : {0, 1}) {
    put(bus("rst_ni"), 0, static_cast<std::uint64_t>(running));
    for (int i = 0; i < 2; ++i) clock(0);
  }
}

RtlArrayModel::RtlArrayModel(const RtlArrayModel& other)
    : ports_(other.ports_),
      library_(other.library_),
      pool_(other.pool_),
      run_(other.run_),
      in_(other.in_),
      out_(other.out_) {
  if (pool_->empty()) pool_->push_back(std::make_unique<RtlInstance>(library_));
  instance_ = std::move(pool_->back());
  pool_->pop_back();
  check(
      library_->function<Restore>("array_restore")(instance_->handle(), other.instance_->handle()));
}

RtlArrayModel::~RtlArrayModel() {
  if (instance_ == nullptr) return;  // moved away
  if (run_waves_ != nullptr) library_->function<void()>("array_close_waves")();
  if (instance_->error().empty()) pool_->push_back(std::move(instance_));
}

void RtlArrayModel::check(bool ran) const {
  if (!ran) throw InvariantError("the RTL array stopped itself:\n" + instance_->error());
}

RtlBus RtlArrayModel::bus(const std::string& port, int element_bits) const {
  std::size_t inputs = 0, outputs = 0;
  for (const RtlPort& p : ports_) {
    std::size_t& word = p.output ? outputs : inputs;
    if (p.name == port) {
      check_invariant(p.bits % element_bits == 0, "a port of unequal elements");
      return {port, p.bits / element_bits, element_bits, p.output, word};
    }
    if (p.name != "clk_i") word += static_cast<std::size_t>(p.words());
  }
  throw InvariantError("the RTL array has no port " + port);
}

void RtlArrayModel::put(const RtlBus& bus, std::int64_t element, std::uint64_t value) {
  const auto bit = static_cast<std::size_t>(element * bus.bits);
  const std::size_t shift = bit % 64;
  const std::uint64_t mask = ~std::uint64_t{0} >> (64 - bus.bits);
  std::uint64_t* words = &in_[bus.word + bit / 64];
  value &= mask;
  words[0] = (words[0] & ~(mask << shift)) | value << shift;
  if (shift + static_cast<std::size_t>(bus.bits) <= 64) return;
  words[1] = (words[1] & ~(mask >> (64 - shift))) | value >> (64 - shift);
}

std::uint64_t RtlArrayModel::get(const RtlBus& bus, std::int64_t element) const {
  const auto bit = static_cast<std::size_t>(element * bus.bits);
  const std::size_t shift = bit % 64;
  const std::uint64_t* words = &out_[bus.word + bit / 64];
  std::uint64_t value = words[0] >> shift;
  if (shift + static_cast<std::size_t>(bus.bits) > 64) value |= words[1] << (64 - shift);
  return value & ~std::uint64_t{0} >> (64 - bus.bits);
}

std::int64_t RtlArrayModel::count_ones(const RtlBus& bus) const {
  const std::int64_t words = (bus.count * bus.bits + 63) / 64;
  std::int64_t ones = 0;
  for (std::int64_t i = 0; i < words; ++i) {
    ones += std::popcount(out_[bus.word + static_cast<std::size_t>(i)]);
  }
  return ones;
}

void RtlArrayModel::clock(std::int64_t cycle) {
  if (run_waves_ != nullptr) {
    check(run_waves_(instance_->handle(), static_cast<std::uint64_t>(cycle * 10), in_.data(),
                     out_.data()));
  } else {
    check(run_(instance_->handle(), 1, in_.data(), nullptr, out_.data()) == 1);
  }
}

void RtlArrayModel::read_sums(std::uint32_t* sums) const {
  using Sums = void(void*, std::uint32_t*);
  library_->function<Sums>("array_sums")(instance_->handle(), sums);
}

void RtlArrayModel::open_waves(const std::string& file) {
  using Open = bool(void*, const char*);
  if (!library_->function<Open>("array_open_waves")(instance_->handle(), file.c_str())) {
    throw UserError(file + ": cannot be written");
  }
  run_waves_ = library_->function<RunWaves>("array_run_waves");
}

}  // namespace mixpe
