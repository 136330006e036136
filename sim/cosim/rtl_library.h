#pragma once
// A compiled library of verilate(), loaded.
//  * Shims include "rtl_model.h", which is generated beside them and gives
//      RtlModel: `context` (VerilatedContext), `top` (the Verilated module), `error`;
//      guarded(model, f): calls f(), turns whatever stops the RTL into model.error and false;
//      RTL_EXPORT: what the program may look up.
//    It also defines rtl_create, rtl_destroy and rtl_error, which RtlInstance calls.
//  * Functions of a shim take the RtlModel* that RtlInstance::handle() is.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace mixpe {

class RtlLibrary {
 public:
  explicit RtlLibrary(const std::filesystem::path& file);
  ~RtlLibrary();
  RtlLibrary(const RtlLibrary&) = delete;
  RtlLibrary& operator=(const RtlLibrary&) = delete;

  /// A function of the shim. Throws InvariantError if there is none of the name.
  template <typename Function>
  Function* function(const char* name) const {
    return reinterpret_cast<Function*>(symbol(name));
  }

 private:
  void* symbol(const char* name) const;
  void* handle_;
};

/// One simulated module of a library.
class RtlInstance {
 public:
  /// `plusargs` as $value$plusargs reads them, without '+': "mutant=17".
  explicit RtlInstance(std::shared_ptr<const RtlLibrary> library,
                       const std::vector<std::string>& plusargs = {});
  ~RtlInstance();
  RtlInstance(const RtlInstance&) = delete;
  RtlInstance& operator=(const RtlInstance&) = delete;

  void* handle() const { return model_; }
  const RtlLibrary& library() const { return *library_; }
  std::shared_ptr<const RtlLibrary> shared_library() const { return library_; }
  /// What stopped the RTL, with the lines it printed; empty if nothing did.
  std::string error() const;

 private:
  std::shared_ptr<const RtlLibrary> library_;
  void* model_;
};

}  // namespace mixpe
