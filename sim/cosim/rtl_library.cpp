#include "sim/cosim/rtl_library.h"

#include <dlfcn.h>

#include "models/core/errors.h"

namespace mixpe {

RtlLibrary::RtlLibrary(const std::filesystem::path& file)
    : handle_(::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ == nullptr)
    throw UserError("compiled RTL cannot be loaded: " + std::string(::dlerror()));
}

RtlLibrary::~RtlLibrary() { ::dlclose(handle_); }

void* RtlLibrary::symbol(const char* name) const {
  void* found = ::dlsym(handle_, name);
  if (found == nullptr) throw InvariantError(std::string("compiled RTL lacks ") + name);
  return found;
}

RtlInstance::RtlInstance(std::shared_ptr<const RtlLibrary> library,
                         const std::vector<std::string>& plusargs)
    : library_(std::move(library)) {
  std::vector<std::string> arguments{"mixpe"};
  for (const std::string& p : plusargs) arguments.push_back("+" + p);
  std::vector<const char*> argv;
  for (const std::string& a : arguments) argv.push_back(a.c_str());
  model_ = library_->function<void*(int, const char**)>("rtl_create")(static_cast<int>(argv.size()),
                                                                      argv.data());
}

RtlInstance::~RtlInstance() { library_->function<void(void*)>("rtl_destroy")(model_); }

std::string RtlInstance::error() const {
  return library_->function<const char*(void*)>("rtl_error")(model_);
}

}  // namespace mixpe
