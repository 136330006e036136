#include "sim/cosim/flat_module.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <string_view>

#include "models/core/errors.h"

namespace mixpe {
namespace {

constexpr const char* kClock = "clk_i";

/// How a port's words become its Verilated variable, and back.
std::string set_input(const RtlPort& p, int at) {
  if (p.bits <= 64) return fmt::format("  top.{} = in[{}];\n", p.name, at);
  std::string text;
  for (int i = 0; i < (p.bits + 31) / 32; ++i) {
    text += fmt::format("  top.{}[{}] = in[{}] >> {};\n", p.name, i, at + i / 2, 32 * (i % 2));
  }
  return text;
}

std::string get_output(const RtlPort& p, int at) {
  if (p.bits <= 64) return fmt::format("  out[{}] = top.{};\n", at, p.name);
  std::string text;
  for (int i = 0; i < (p.bits + 31) / 32; ++i) {
    text += fmt::format("  out[{0}] {1}= std::uint64_t{{top.{2}[{3}]}} << {4};\n", at + i / 2,
                        i % 2 == 0 ? "" : "|", p.name, i, 32 * (i % 2));
  }
  return text;
}

/// Inputs that enter at the falling edge, held ones at the rising one. Verilator evaluates what is
/// behind an input in every eval(), and what is behind a register when its clock has an edge: so
/// all logic is evaluated once after each edge that it depends on, instead of twice a cycle more.
std::string edge_wrapper(const Verilation& rtl) {
  std::string ports, parameters, connections, registers, falling, rising;
  const auto join = [](std::string& list, const std::string& text) {
    list += (list.empty() ? "" : ", ") + text;
  };
  for (const std::string& p : rtl.parameters) {
    const std::size_t equals = p.find('=');
    join(parameters, fmt::format(".{}({})", p.substr(0, equals), p.substr(equals + 1)));
  }
  for (const RtlPort& p : rtl.ports) {
    join(ports,
         fmt::format("{} logic [{}:0] {}", p.output ? "output" : "input", p.bits - 1, p.name));
    const bool sampled = !p.output && p.name != kClock;
    join(connections, fmt::format(".{}({}{})", p.name, p.name, sampled ? "_q" : ""));
    if (!sampled) continue;
    registers += fmt::format("  logic [{}:0] {}_q;\n", p.bits - 1, p.name);
    (p.held ? rising : falling) += fmt::format("    {0}_q <= {0};\n", p.name);
  }
  return fmt::format(
      "// verilator lint_off SYNCASYNCNET\n"
      "module wrapper({}\n);\n{}"
      "  always_ff @(negedge {}) begin\n{}  end\n"
      "  always_ff @(posedge {}) begin\n{}  end\n"
      "  {} #({}) u_top({});\nendmodule\n",
      ports, registers, kClock, falling, kClock, rising, rtl.top, parameters, connections);
}

constexpr const char* kRun = R"cpp(
  RTL_EXPORT std::int64_t flat_run(void* self, std::int64_t cycles, const std::uint64_t* in,
                                   std::uint64_t* before, std::uint64_t* after) {
    auto& model = *static_cast<RtlModel*>(self);
    Vtop& top = model.top;
    std::int64_t done = 0;
    guarded(model, [&] {
      // The clock is high at first, so that the first cycle has a falling edge.
      if (model.context.time() == 0 && set_clock(top, 1)) top.eval();
      for (; done < cycles; ++done) {
        set_inputs(top, in);
        set_clock(top, 0);
        top.eval();
        if (before != nullptr) {
          get_outputs(top, before);
          before += kOutputs;
        }
        if (set_clock(top, 1)) top.eval();
        get_outputs(top, after);
        in += kInputs;
        after += kOutputs;
        model.context.timeInc(1);
      }
    });
    return done;
  }
)cpp";

/// While it lives, the program may use so many seconds of CPU time.
class TimeLimit {
 public:
  explicit TimeLimit(bool on) : on_(on) {
    if (!on_) return;
    struct sigaction action = {};
    action.sa_handler = [](int) {
      static constexpr std::string_view kText =
          "the RTL does not finish its cycles: a loop in a process never ends\n";
      [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kText.data(), kText.size());
      ::_exit(2);
    };
    ::sigaction(SIGVTALRM, &action, nullptr);
    set(kSeconds);
  }
  ~TimeLimit() {
    if (on_) set(0);
  }
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;

 private:
  static constexpr int kSeconds = 3;  // a thousand cycles of a PE take milliseconds
  static void set(int seconds) {
    const itimerval timer{{0, 0}, {seconds, 0}};
    ::setitimer(ITIMER_VIRTUAL, &timer, nullptr);
  }
  bool on_;
};

}  // namespace

std::string flat_shim(const std::vector<RtlPort>& ports) {
  std::string set, get;
  int inputs = 0, outputs = 0;
  bool clocked = false;
  for (const RtlPort& p : ports) {
    if (p.name == kClock) {
      clocked = true;
    } else if (p.output) {
      get += get_output(p, outputs);
      outputs += p.words();
    } else {
      set += set_input(p, inputs);
      inputs += p.words();
    }
  }
  return fmt::format(
             "#include \"rtl_model.h\"\n"
             "constexpr int kInputs = {}, kOutputs = {};\n"
             "static inline void set_inputs(Vtop& top, const std::uint64_t* in) {{\n{}}}\n"
             "static inline void get_outputs(Vtop& top, std::uint64_t* out) {{\n{}}}\n"
             "static inline bool set_clock(Vtop& top, int level) {{\n  {}\n}}\n",
             inputs, outputs, set, get,
             clocked ? "top.clk_i = level; return true;" : "return false;") +
         kRun;
}

FlatModule::FlatModule(Verilation rtl, const BuildCache& cache,
                       const std::vector<std::string>& plusargs, const Say& say)
    : ports_(rtl.ports), plusargs_(plusargs), limited_(!rtl.files.empty()) {
  check_invariant(!ports_.empty(), "a flat module needs its ports");
  rtl.shim = flat_shim(ports_);
  bool clocked = false;
  for (const RtlPort& p : ports_) {
    clocked = clocked || p.name == kClock;
    if (p.name != kClock) (p.output ? output_words_ : input_words_) += p.words();
  }
  // RTL of the user's may use both edges.
  if (clocked && rtl.files.empty()) rtl.wrapper = edge_wrapper(rtl);
  auto library = std::make_shared<const RtlLibrary>(verilate(rtl, cache, say));
  run_ = library->function<Run>("flat_run");
  instance_ = std::make_unique<RtlInstance>(std::move(library), plusargs_);
}

int FlatModule::offset(const std::string& port) const {
  int inputs = 0, outputs = 0;
  for (const RtlPort& p : ports_) {
    if (p.name == port) return p.output ? outputs : inputs;
    if (p.name != kClock) (p.output ? outputs : inputs) += p.words();
  }
  throw InvariantError("no port " + port);
}

std::int64_t FlatModule::run(std::span<const std::uint64_t> inputs, std::span<std::uint64_t> before,
                             std::span<std::uint64_t> after) {
  const std::size_t cycles = inputs.size() / static_cast<std::size_t>(input_words_);
  const std::size_t outputs = cycles * static_cast<std::size_t>(output_words_);
  check_invariant(after.size() >= outputs && (before.empty() || before.size() >= outputs),
                  "no room for the outputs");
  const TimeLimit limit(limited_);
  return run_(instance_->handle(), static_cast<std::int64_t>(cycles), inputs.data(),
              before.empty() ? nullptr : before.data(), after.data());
}

void FlatModule::restart() {
  auto library = instance_->shared_library();
  instance_ = std::make_unique<RtlInstance>(std::move(library), plusargs_);
}

}  // namespace mixpe
