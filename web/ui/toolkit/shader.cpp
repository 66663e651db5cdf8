#include "web/ui/toolkit/shader.h"

#include <cstdio>

#include "web/ui/toolkit/gl.h"

namespace neural_ode::web {

namespace {

GLuint compile(GLenum kind, const char* source) {
  const GLuint shader = glCreateShader(kind);
  const char* parts[] = {NEURAL_ODE_GLSL, source};
  glShaderSource(shader, 2, parts, nullptr);
  glCompileShader(shader);
  return shader;
}

template <typename GetLog>
void tell(const char* name, GetLog get_log, GLuint object) {
  char log[512] = "";
  get_log(object, sizeof log, nullptr, log);
  if (*log) std::fprintf(stderr, "%s shader: %s\n", name, log);
}

}  // namespace

bool Shader::use() {
  if (broken_) return false;
  if (!program_) {
    const GLuint vertex = compile(GL_VERTEX_SHADER, vertex_);
    const GLuint fragment = compile(GL_FRAGMENT_SHADER, fragment_);
    program_ = glCreateProgram();
    glAttachShader(program_, vertex);
    glAttachShader(program_, fragment);
    glLinkProgram(program_);
    GLint linked = 0;
    glGetProgramiv(program_, GL_LINK_STATUS, &linked);
    broken_ = !linked;
    if (broken_) {
      tell(name_, glGetShaderInfoLog, vertex);
      tell(name_, glGetShaderInfoLog, fragment);
      tell(name_, glGetProgramInfoLog, program_);
    }
    glDeleteShader(vertex);
    glDeleteShader(fragment);
    if (broken_) return false;
    glGenVertexArrays(1, &vertices_);
  }
  glUseProgram(program_);
  glBindVertexArray(vertices_);
  return true;
}

int Shader::at(const char* uniform) const {
  return glGetUniformLocation(program_, uniform);
}

void scissor_to(const ImDrawCmd& command) {
  const ImGuiIO& io = ImGui::GetIO();
  const ImVec2 scale = io.DisplayFramebufferScale;
  const ImVec4& clip = command.ClipRect;
  glEnable(GL_SCISSOR_TEST);
  glScissor(static_cast<GLint>(clip.x * scale.x),
            static_cast<GLint>((io.DisplaySize.y - clip.w) * scale.y),
            static_cast<GLsizei>((clip.z - clip.x) * scale.x),
            static_cast<GLsizei>((clip.w - clip.y) * scale.y));
}

}  // namespace neural_ode::web
