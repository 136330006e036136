#include "tests/page/webdriver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace mixpe::testing {
namespace {

constexpr const char* kChromium = "/usr/bin/chromium";
constexpr const char* kDriver = "/usr/bin/chromedriver";

std::string read_until(int fd, const std::string& end) {
  std::string text;
  char c = 0;
  while (text.find(end) == std::string::npos && ::read(fd, &c, 1) == 1) text += c;
  return text;
}

/// The body of the answer. The driver closes the connection behind it.
std::string http(int port, const std::string& request) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(request.size())) {
    const std::string head = read_until(fd, "\r\n\r\n");
    constexpr std::string_view kLength = "Content-Length:";
    const std::size_t at = head.find(kLength);
    std::size_t left = at == std::string::npos ? 0 : std::stoul(head.substr(at + kLength.size()));
    std::array<char, 65536> buffer{};
    while (left > 0) {
      const ssize_t n = ::read(fd, buffer.data(), std::min(left, buffer.size()));
      if (n <= 0) break;
      answer.append(buffer.data(), static_cast<std::size_t>(n));
      left -= static_cast<std::size_t>(n);
    }
  }
  ::close(fd);
  return answer;
}

}  // namespace

bool Browser::installed() { return ::access(kChromium, X_OK) == 0 && ::access(kDriver, X_OK) == 0; }

/// In a process group of its own, so that what it starts can be ended with it.
Browser::Driver::Driver() {
  int ends[2] = {};
  if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
  process = ::fork();
  if (process == 0) {
    ::setpgid(0, 0);
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[0]);
    ::execl(kDriver, kDriver, "--port=0", static_cast<char*>(nullptr));
    ::_exit(127);
  }
  output = ends[0];
  ::close(ends[1]);
  if (process > 0) return;
  ::close(output);
  throw std::runtime_error("no process");
}

Browser::Driver::~Driver() {
  ::kill(-process, SIGKILL);
  ::waitpid(process, nullptr, 0);
  ::close(output);
}

Browser::Browser(const std::string& folder) {
  const std::string kStarted = "started successfully on port ";
  read_until(driver_.output, kStarted);
  const std::string port = read_until(driver_.output, ".");
  if (port.empty()) throw std::runtime_error("chromedriver did not start");
  port_ = std::stoi(port);
  // The sandbox does not start for root; the rest keeps the browser from asking for anything.
  const Json options = {
      {"binary", kChromium},
      {"args",
       {"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--disable-dev-shm-usage", "--window-size=1280,1000", "--user-data-dir=" + folder}}};
  const Json answer =
      call("POST", "",
           {{"capabilities",
             {{"alwaysMatch",
               {{"browserName", "chrome"},
                {"goog:chromeOptions", options},
                {"goog:loggingPrefs", {{"browser", "ALL"}, {"performance", "ALL"}}}}}}}});
  session_ = "/" + answer.at("sessionId").get<std::string>();
}

Browser::~Browser() {
  try {
    if (!session_.empty()) call("DELETE", "");
  } catch (const std::exception&) {
    // It is ended with the driver.
  }
}

Browser::Json Browser::call(const char* method, const std::string& path, const Json& body) {
  const std::string text = body.is_null() ? "" : body.dump();
  const std::string answer =
      http(port_, std::string(method) + " /session" + session_ + path +
                      " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: "
                      "application/json\r\nContent-Length: " +
                      std::to_string(text.size()) + "\r\n\r\n" + text);
  const Json json = Json::parse(answer, nullptr, false);
  if (!json.is_object()) throw std::runtime_error("chromedriver: " + path + ": " + answer);
  const Json value = json.value("value", Json());
  if (value.is_object() && value.contains("error")) {
    throw std::runtime_error("chromedriver: " + path + ": " + value.dump());
  }
  return value;
}

void Browser::open_file(const std::string& path) {
  call("POST", "/url", {{"url", "file://" + path}});
}

Browser::Json Browser::run(const std::string& script, const Json& arguments) {
  return call("POST", "/execute/sync", {{"script", script}, {"args", arguments}});
}

void Browser::mouse(const Json& positions, bool drag) {
  Json steps = Json::array();
  for (const Json& p : positions) {
    steps.push_back({{"type", "pointerMove"}, {"duration", 20}, {"x", p.at(0)}, {"y", p.at(1)}});
    if (drag && steps.size() == 1) steps.push_back({{"type", "pointerDown"}, {"button", 0}});
  }
  if (drag) steps.push_back({{"type", "pointerUp"}, {"button", 0}});
  call("POST", "/actions",
       {{"actions", {{{"type", "pointer"}, {"id", "mouse"}, {"actions", steps}}}}});
}

void Browser::keys(const std::vector<std::string>& keys) {
  Json steps = Json::array();
  for (const std::string& key : keys) {
    steps.push_back({{"type", "keyDown"}, {"value", key}});
    steps.push_back({{"type", "keyUp"}, {"value", key}});
  }
  call("POST", "/actions", {{"actions", {{{"type", "key"}, {"id", "keys"}, {"actions", steps}}}}});
}

void Browser::prefer_dark(bool dark) {
  call(
      "POST", "/goog/cdp/execute",
      {{"cmd", "Emulation.setEmulatedMedia"},
       {"params",
        {{"features", {{{"name", "prefers-color-scheme"}, {"value", dark ? "dark" : "light"}}}}}}});
  // The page hears of it with the next frame.
  run("return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
}

std::vector<Browser::Json> Browser::log(const char* type) {
  std::vector<Json> all;
  for (const Json& entry : call("POST", "/se/log", {{"type", type}})) all.push_back(entry);
  return all;
}

std::vector<std::string> Browser::console() {
  std::vector<std::string> all;
  for (const Json& entry : log("browser")) all.push_back(entry.at("message"));
  return all;
}

std::vector<std::string> Browser::requests() {
  std::vector<std::string> all;
  for (const Json& entry : log("performance")) {
    const Json event = Json::parse(entry.at("message").get<std::string>()).at("message");
    if (event.at("method") != "Network.requestWillBeSent") continue;
    const std::string url = event.at("params").at("request").at("url");
    // The browser's own pages, such as the one it starts with.
    if (!url.starts_with("chrome://")) all.push_back(url);
  }
  return all;
}

}  // namespace mixpe::testing
