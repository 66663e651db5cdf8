# Dear ImGui 1.90.1 as a library: script/fetch-imgui's copy, a folder of your own, or the pinned tag.
set(NEURAL_ODE_IMGUI_DIR "" CACHE PATH "A folder with the source of Dear ImGui 1.90.1")
set(imgui_dir "${NEURAL_ODE_IMGUI_DIR}")
if(NOT imgui_dir AND EXISTS ${PROJECT_SOURCE_DIR}/build/imgui/imgui.h)
  set(imgui_dir ${PROJECT_SOURCE_DIR}/build/imgui)
endif()
if(NOT imgui_dir)
  FetchContent_Declare(imgui GIT_REPOSITORY https://github.com/ocornut/imgui.git
                       GIT_TAG d6cb3c923d28dcebb2d8d9605ccc7229ccef19eb) # v1.90.1
  FetchContent_MakeAvailable(imgui) # it has no build of its own
  set(imgui_dir ${imgui_SOURCE_DIR})
endif()

add_library(imgui STATIC ${imgui_dir}/imgui.cpp ${imgui_dir}/imgui_draw.cpp ${imgui_dir}/imgui_tables.cpp
            ${imgui_dir}/imgui_widgets.cpp ${imgui_dir}/backends/imgui_impl_glfw.cpp
            ${imgui_dir}/backends/imgui_impl_opengl3.cpp)
target_include_directories(imgui SYSTEM PUBLIC ${imgui_dir} ${imgui_dir}/backends)
target_compile_features(imgui PUBLIC cxx_std_20)
target_include_directories(imgui PUBLIC ${PROJECT_SOURCE_DIR})
target_compile_definitions(imgui PUBLIC IMGUI_USER_CONFIG="web/ui/toolkit/imgui_config.h")
target_compile_options(imgui PRIVATE -w) # newer compilers' warnings about it are not ours to mend
if(EMSCRIPTEN)
  target_compile_definitions(imgui PUBLIC IMGUI_IMPL_OPENGL_ES3)
  target_compile_options(imgui PRIVATE -Oz -flto -fno-exceptions)
else()
  target_link_libraries(imgui PUBLIC glfw ${CMAKE_DL_LIBS})
endif()
