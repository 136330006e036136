#include "sim/report/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace mixpe {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// What the page's scripts will parse.
std::string data_of(const std::string& html) {
  const std::string open = "<script type=\"application/json\" id=\"data\">";
  const std::size_t begin = html.find(open) + open.size();
  return html.substr(begin, html.find("</script>", begin) - begin);
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST(Page, DataCannotEndOrOpenAScript) {
  const nlohmann::json data = {{"kind", "runs"},
                               {"title", "</script><script>alert(1)</script><!-- @scripts@ &lt;"}};
  const std::string html = page_html("t", data.dump());
  EXPECT_EQ(nlohmann::json::parse(data_of(html)), data);
  EXPECT_THAT(data_of(html), Not(HasSubstr("<")));
  EXPECT_EQ(count_of(html, "</script>"), count_of(page_html("t", "{}"), "</script>"));
}

TEST(Page, TitleIsText) {
  EXPECT_THAT(page_html("a <b> & @data@", "{}"), HasSubstr("<title>a &lt;b> &amp; @data@</title>"));
}

TEST(Page, IsOneFileThatForbidsItselfTheNetwork) {
  const std::string html = page_html("t", "{}");
  EXPECT_THAT(html, HasSubstr("Content-Security-Policy\" content=\"default-src 'none';"));
  for (const char* outside : {" src=", "@import", "url(", "<link rel=\"stylesheet", "fetch("}) {
    EXPECT_THAT(html, Not(HasSubstr(outside)));
  }
}

}  // namespace
}  // namespace mixpe
