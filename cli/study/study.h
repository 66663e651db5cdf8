// `neural-ode study`: what methods do on a built-in system, measured, as JSON and as a picture.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"

namespace neural_ode {

struct StudyRequest {
  std::string study;                  // see study_names
  std::string system;                 // see systems() in fields/systems.h
  std::vector<std::string> methods;   // empty: all of them; of `memory` rk4
  std::vector<double> tolerances;     // of `precision`: rtol of each solve; empty: 1e-2 ... 1e-12
  std::optional<double> duration;     // from t = 0
  std::vector<std::string> set = {};  // "mu=1000": parameters of the system
  std::vector<double> y0 = {};        // empty: the system's own
  // atol over rtol, and the most steps of a solve; none: 0.01 and a million.
  std::optional<double> atol_ratio = {};
  std::optional<int> max_steps = {};
  // Of `batch`: "mu=1:100", and how many; none: see read_varied, and 256.
  std::string vary = {};
  std::optional<int> samples = {};
};

struct StudyAnswer {
  std::string json;
  std::string svg;
};

// What can go wrong: the request cannot be understood, or the computation does not succeed.
struct StudyOutcome {
  std::optional<StudyAnswer> answer;
  std::string message;  // one line, when there is no answer
  bool bad_request = false;
};

//   precision  error against evaluations of f, one curve a method
//   order      error against the size of fixed steps, with the slope of each curve
//   batch      evaluations for each sample of a batch, with its own steps and with shared ones
//   stability  eigenvalues of the Jacobian along a solution, and how fast neighbours part
//   memory     bytes, evaluations and error of each gradient strategy against the number of steps
StudyOutcome run_study(const StudyRequest& request);
std::vector<std::string_view> study_names();

}  // namespace neural_ode
