#include "web/ui/toolkit/shader.h"

#include <cstdio>

#include "web/ui/toolkit/gl.h"

namespace neural_ode::web {

namespace {

GLuint compile(const char* name, GLenum kind, const char* source) {
  const GLuint shader = glCreateShader(kind);
  const char* parts[] = {NEURAL_ODE_GLSL, source};
  glShaderSource(shader, 2, parts, nullptr);
  glCompileShader(shader);
  GLint compiled = 0;
  glGetShaderiv(shader, GL_COMPILE_STATUS, &compiled);
  if (!compiled) {
    char log[512] = "";
    glGetShaderInfoLog(shader, sizeof log, nullptr, log);
    std::fprintf(stderr, "%s shader: %s\n", name, log);
  }
  return shader;
}

}  // namespace

bool Shader::use() {
  if (broken_) return false;
  if (!program_) {
    const GLuint vertex = compile(name_, GL_VERTEX_SHADER, vertex_);
    const GLuint fragment = compile(name_, GL_FRAGMENT_SHADER, fragment_);
    program_ = glCreateProgram();
    glAttachShader(program_, vertex);
    glAttachShader(program_, fragment);
    glLinkProgram(program_);
    glDeleteShader(vertex);
    glDeleteShader(fragment);
    GLint linked = 0;
    glGetProgramiv(program_, GL_LINK_STATUS, &linked);
    if (!linked) {
      char log[512] = "";
      glGetProgramInfoLog(program_, sizeof log, nullptr, log);
      std::fprintf(stderr, "%s shader: %s\n", name_, log);
      broken_ = true;
      return false;
    }
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
