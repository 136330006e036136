#pragma once
// C++ that is compiled into every library: texts, not code of this program.

namespace mixpe {

/// "rtl_model.h", which shims include.
inline constexpr const char* kRtlModelHeader = R"cpp(
#pragma once
#include <cstdint>
#include <string>
#include "Vtop.h"
#include "verilated.h"

#define RTL_EXPORT extern "C" __attribute__((visibility("default")))

  struct RtlStopped {};
  std::string& rtl_messages();

  struct RtlModel {
    RtlModel(int argc, const char** argv) { context.commandArgs(argc, argv); }
    VerilatedContext context;
    Vtop top{&context};
    std::string error;
  };

  template <typename Function>
  bool guarded(RtlModel& model, Function&& function) {
    if (!model.error.empty()) return false;
    Verilated::threadContextp(&model.context);
    rtl_messages().clear();
    try {
      function();
      return true;
    } catch (const RtlStopped&) {
      model.error = rtl_messages();
      return false;
    }
  }
)cpp";

/// Behind the shim.
inline constexpr const char* kRtlModelSource = R"cpp(
  RTL_EXPORT void* rtl_create(int argc, const char** argv) {
    return new RtlModel(argc, argv);
  }
  RTL_EXPORT void rtl_destroy(void* self) {
    auto* model = static_cast<RtlModel*>(self);
    guarded(*model, [model] { model->top.final(); });
    delete model;
  }
  RTL_EXPORT const char* rtl_error(void* self) { return static_cast<RtlModel*>(self)->error.c_str(); }
)cpp";

/// Included before everything in the run-time library: what Verilator prints is kept as text.
inline constexpr const char* kRtlPrintHeader = R"cpp(
#pragma once
  void rtl_print(const char* format, ...);
#define VL_PRINTF rtl_print
#define VL_USER_FINISH
#define VL_USER_STOP
#define VL_USER_FATAL
#define VL_USER_WARN
)cpp";

/// The end of the run-time library: stops are exceptions, which guarded() catches.
inline constexpr const char* kRtlRuntimeSource = R"cpp(
#include <cstdarg>
#include <cstdio>
#include <string>

  struct RtlStopped {};
  std::string& rtl_messages() {
    thread_local std::string text;
    return text;
  }
  void rtl_print(const char* format, ...) {
    if (rtl_messages().size() > 20000) return;
    char line[2000];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    rtl_messages() += line;
  }
  void vl_warn(const char* file, int line, const char*, const char* what) {
    rtl_print("%%Warning: %s:%d: %s\n", file, line, what);
  }
  void vl_fatal(const char* file, int line, const char*, const char* what) {
    rtl_print("%%Error: %s:%d: %s\n", file, line, what);
    throw RtlStopped();
  }
  void vl_stop(const char* file, int line, const char* scope) {
    vl_fatal(file, line, scope, "the RTL stopped itself");
  }
  void vl_finish(const char* file, int line, const char* scope) {
    vl_fatal(file, line, scope, "the RTL called $finish");
  }
)cpp";

}  // namespace mixpe
