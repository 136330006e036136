#include "sim/characterize/scratch_directory.h"

#include <stdlib.h>

#include <fstream>
#include <iterator>

#include "models/core/errors.h"

namespace mixpe {

namespace fs = std::filesystem;

ScratchDirectory::ScratchDirectory() {
  std::string name = (fs::temp_directory_path() / "mixpe-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw UserError(fs::temp_directory_path().string() + ": no directory can be made there");
  }
  path_ = name;
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void ScratchDirectory::write(const std::string& name, std::string_view text) const {
  const fs::path file = path_ / name;
  fs::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::binary);
  out << text;
  if (!out.flush()) throw UserError(file.string() + ": cannot be written; is the disk full?");
}

std::string ScratchDirectory::read(const std::string& name) const {
  std::ifstream in(path_ / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace mixpe
