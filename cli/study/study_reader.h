// A request for a study as values that fit together.
#pragma once

#include "cli/study/study.h"
#include "cli/study/study_setting.h"
#include "engine/core/result.h"

namespace neural_ode {

Result<StudySetting> read_study(const StudyRequest& request);

}  // namespace neural_ode
