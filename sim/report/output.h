#pragma once
// Files the program writes: all or nothing.

#include <string>
#include <vector>

namespace mixpe {

struct OutputFile {
  std::string path;
  std::string content;
};

/// Creates the folder and those above it. UserError if that cannot be.
void make_folder(const std::string& path);

/// Checks that the folder can be made, and leaves nothing: a long job that fails or is interrupted
/// has made no folder. UserError if not.
void check_folder(const std::string& path);

/// Checks that a file can be written there, so that a long job fails at its start and not at its
/// end. UserError if not: no such folder, a folder without permission, something there that is no
/// regular file (a device would be replaced by the renaming).
void check_writable(const std::string& path);

/// Writes every file to a temporary name beside it, then renames all. On any error (folder not
/// writable, disk full) the temporary files are removed and UserError is thrown: nothing is left
/// half-written.
void write_files(const std::vector<OutputFile>& files);

}  // namespace mixpe
