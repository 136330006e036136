#pragma once
// A browser for tests: headless Chromium, driven by chromedriver over the WebDriver protocol (HTTP
// and JSON on loopback).

#include <nlohmann/json.hpp>
#include <string>

namespace mixpe::testing {

class Browser {
 public:
  using Json = nlohmann::json;

  /// False if chromium or chromedriver is not installed.
  static bool installed();
  /// Starts both; `folder` takes the browser's profile.
  explicit Browser(const std::string& folder);
  ~Browser();

  void open_file(const std::string& path);
  /// Runs the body of a function in the page and returns what it returns.
  Json run(const std::string& script, const Json& arguments = Json::array());
  /// Moves the mouse through viewport positions [[x, y], …]; with `drag` the button is down from
  /// the first to the last.
  void mouse(const Json& positions, bool drag);
  /// Presses and releases keys, one after another.
  void keys(const std::vector<std::string>& keys);
  void prefer_dark(bool dark);
  /// Messages of the console since the last call, exceptions included.
  std::vector<std::string> console();
  /// Addresses the page asked for since the last call.
  std::vector<std::string> requests();

 private:
  /// chromedriver and all it starts: ended even if the browser does not come up.
  struct Driver {
    Driver();
    ~Driver();
    Driver(const Driver&) = delete;
    Driver& operator=(const Driver&) = delete;
    int process = -1;
    int output = -1;  ///< its standard output
  };

  Json call(const char* method, const std::string& path, const Json& body = nullptr);
  std::vector<Json> log(const char* type);

  Driver driver_;
  int port_ = 0;
  std::string session_;
};

}  // namespace mixpe::testing
