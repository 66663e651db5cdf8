// The study `batch`: what samples of different stiffness cost together.
#pragma once

#include <string>
#include <vector>

#include "cli/study/study.h"
#include "cli/study/study_setting.h"
#include "engine/core/result.h"

namespace neural_ode {

// "mu=1:100" as `count` values, spaced evenly in their logarithms when both ends are positive.
// Empty: the first parameter from a tenth to ten times its value.
Result<Varied> read_varied(const System& system, const std::vector<double>& theta,
                           const std::string& text, int count);
Result<StudyAnswer> study_batch(const StudySetting& setting);

}  // namespace neural_ode
