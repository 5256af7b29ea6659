include(GNUInstallDirs)

# Where each shell looks. Debian's zsh looks in vendor-completions under /usr, any zsh in its site-functions.
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(heare_zsh_folder "zsh/vendor-completions")
else()
  set(heare_zsh_folder "zsh/site-functions")
endif()
set(HEARE_ZSH_FOLDER "${heare_zsh_folder}" CACHE STRING "Where zsh completions go, under share")

# heare_generated_files(<program>)
#
# Has the program, once it is linked, write its man page and completions into share/ of the build folder, laid out as
# they are installed, and installs both. A program for another machine cannot run: whoever builds one takes the files
# from a build for this one, as they are the same.
function(heare_generated_files program)
  set(man "man/man1/${program}.1")
  set(bash "bash-completion/completions/${program}")
  set(zsh "${HEARE_ZSH_FOLDER}/_${program}")
  set(fish "fish/vendor_completions.d/${program}.fish")
  install(TARGETS ${program} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
  if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
    return()
  endif()

  set(share "${PROJECT_BINARY_DIR}/share")
  foreach(kind IN ITEMS man bash zsh fish)
    cmake_path(GET ${kind} PARENT_PATH folder)
    list(APPEND commands
      COMMAND "${CMAKE_COMMAND}" -E make_directory "${share}/${folder}"
      COMMAND ${program} generate ${kind} > "${share}/${${kind}}")
    list(APPEND files "${share}/${${kind}}")
    # A package has its man page compressed.
    if(NOT (HEARE_PACKAGE AND kind STREQUAL "man"))
      install(FILES "${share}/${${kind}}" DESTINATION "${CMAKE_INSTALL_DATADIR}/${folder}")
    endif()
  endforeach()
  add_custom_command(TARGET ${program} POST_BUILD ${commands} BYPRODUCTS ${files}
    COMMENT "Writing the man page and the completions" VERBATIM)
endfunction()
