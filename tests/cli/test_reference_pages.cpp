// What docs/reference says is what happens.
#include <doctest/doctest.h>

#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "cli/problem/json_reader.h"
#include "cli/problem/problem.h"
#include "cli/problem/solver_reader.h"

using namespace neural_ode;

namespace {

std::string read(const std::string& path) {
  std::ifstream file(NEURAL_ODE_SOURCE_DIR "/" + path);
  REQUIRE(file);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The texts between ```language and ```.
std::vector<std::string> blocks(const std::string& page, const std::string& language) {
  std::vector<std::string> found;
  const std::string fence = "```" + language + "\n";
  for (std::size_t at = page.find(fence); at != std::string::npos; at = page.find(fence, at)) {
    at += fence.size();
    found.push_back(page.substr(at, page.find("```", at) - at));
  }
  return found;
}

// The cells of the table rows that match.
std::vector<std::smatch> rows(const std::string& page, const std::regex& pattern) {
  return {std::sregex_iterator(page.begin(), page.end(), pattern), std::sregex_iterator()};
}

}  // namespace

TEST_CASE("problem page: its examples are solved, and those with a loss differentiated") {
  const std::vector<std::string> examples = blocks(read("docs/reference/problem_json.md"), "json");
  CHECK(examples.size() == 4);
  for (const std::string& example : examples) {
    CAPTURE(example);
    const Result<ProblemAnswer> solved = solve_problem(example);
    REQUIRE(solved);
    CHECK(solved.value().ok);
    const Result<ProblemAnswer> gradient = grad_problem(example);
    CHECK(bool(gradient) == (example.find("\"loss\"") != std::string::npos));
    if (gradient) CHECK(gradient.value().ok);
  }
}

TEST_CASE("problem page: its errors are those that are told") {
  const std::string page = read("docs/reference/problem_json.md");
  const auto errors = rows(page, std::regex("\\n\\| `([\\[{][^`]*)` \\| `([^`]*)` \\|"));
  CHECK(errors.size() == 16);
  for (const std::smatch& row : errors) {
    CAPTURE(row.str(1));
    const Result<ProblemAnswer> answer = solve_problem(row.str(1));
    REQUIRE_FALSE(answer);
    CHECK(answer.error() == row.str(2));
  }
}

TEST_CASE("problem page: the keys of the solver, what they expect and their defaults") {
  std::string page = read("docs/reference/problem_json.md");
  page = page.substr(page.find("\n## solver\n"));
  page.resize(page.find("\n## ", 1));
  const auto found = rows(page, std::regex("\\n\\| `([a-z_]+)` \\| ([^|]*) \\| ([^|]*) \\|"));
  REQUIRE(found.size() == solver_keys().size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const SolverKey& key = solver_keys()[i];
    CAPTURE(std::string(key.name));
    CHECK(found[i].str(1) == key.name);
    if (key.name == "method") continue;
    const auto choices = key.choices();
    CHECK(found[i].str(2) == (choices.empty() ? std::string(key.expected) : one_of(choices)));
    const nlohmann::ordered_json value = key.value(SolverOptions{});
    const bool in_words = value.is_null() || value.is_array() || key.name == "fixed";
    if (!in_words) CHECK(found[i].str(3) == value.dump());
  }
}

TEST_CASE("library page: its first program is the first example") {
  CHECK(blocks(read("docs/reference/library.md"), "cpp").at(0) == read("examples/solve.cpp"));
}
