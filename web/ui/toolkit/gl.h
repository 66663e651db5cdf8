// OpenGL ES 3 in the browser, OpenGL 3.3 on the desktop: the same calls, another first line of the
// shaders.
#pragma once

#ifdef __EMSCRIPTEN__
#include <GLES3/gl3.h>
#define NEURAL_ODE_GLSL "#version 300 es\nprecision highp float;\nprecision highp usampler2D;\n"
#elif defined(__APPLE__)
#include <OpenGL/gl3.h>
#define NEURAL_ODE_GLSL "#version 330 core\n"
#else
#define GL_GLEXT_PROTOTYPES
#include <GL/glcorearb.h>
#define NEURAL_ODE_GLSL "#version 330 core\n"
#endif
