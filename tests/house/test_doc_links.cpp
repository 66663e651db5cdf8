// Every link within the project's pages leads to a file that is there.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> pages() {
  const fs::path root = NEURAL_ODE_SOURCE_DIR;
  std::vector<fs::path> found;
  for (const std::string top : {"docs", "web", "examples", "tests"})
    for (const auto& entry : fs::recursive_directory_iterator(root / top))
      if (entry.path().extension() == ".md") found.push_back(entry.path());
  for (const auto& entry : fs::directory_iterator(root))
    if (entry.path().extension() == ".md") found.push_back(entry.path());
  return found;
}

std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("docs: every link within the project leads to a file") {
  const std::regex link(R"(\]\(([^)\s#]+)[^)\s]*\)|(?:src|href)="([^"#]+)[^"]*")");
  std::size_t count = 0;
  for (const fs::path& page : pages()) {
    const std::string text = read(page);
    for (std::sregex_iterator it(text.begin(), text.end(), link), end; it != end; ++it) {
      const std::string target = (*it)[1].matched ? (*it)[1] : (*it)[2];
      if (target.find("://") != std::string::npos || target.rfind("mailto:", 0) == 0) continue;
      CAPTURE(page.string());
      CAPTURE(target);
      CHECK(fs::exists(page.parent_path() / target));
      ++count;
    }
  }
  CHECK(count > 100);
}
