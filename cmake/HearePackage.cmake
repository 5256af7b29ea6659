# The Debian package (`./dev package`): what is only in it is installed by these rules, the rest by those of the program.
set(folder "${PROJECT_BINARY_DIR}/packed")
set(doc "${CMAKE_INSTALL_DATADIR}/doc/heare-auth")

# heare_pack(<name> <source> <destination>): installs the file compressed, as Debian has man pages and changelogs. -n: the
# same bytes each time.
function(heare_pack name source destination)
  add_custom_command(OUTPUT "${folder}/${name}"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${folder}"
    COMMAND gzip --best --no-name --stdout "${source}" > "${folder}/${name}"
    DEPENDS "${source}" heare-auth VERBATIM)
  add_custom_target(pack_${name} ALL DEPENDS "${folder}/${name}")
  install(FILES "${folder}/${name}" DESTINATION "${destination}")
endfunction()

heare_pack(heare-auth.1.gz "${PROJECT_BINARY_DIR}/share/man/man1/heare-auth.1" "${CMAKE_INSTALL_DATADIR}/man/man1")
heare_pack(changelog.gz "${PROJECT_SOURCE_DIR}/CHANGELOG.md" "${doc}")
install(FILES packaging/debian/copyright README.md SECURITY.md DESTINATION "${doc}")
install(FILES docs/grafana.json docs/alerts.yml DESTINATION "${doc}/examples")
install(FILES packaging/systemd/heare-auth.service DESTINATION /lib/systemd/system)
install(FILES packaging/heare-auth.env DESTINATION /etc/heare-auth PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ)

set(CPACK_GENERATOR DEB)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_NAME heare-auth)
set(CPACK_PACKAGE_VENDOR "The heare-auth authors")
set(CPACK_PACKAGE_CONTACT "The heare-auth authors <heare-auth@users.noreply.github.com>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "API keys for your services, from one document in S3")
set(CPACK_PACKAGE_DESCRIPTION
"One binary that verifies API keys from memory, and makes, rotates and revokes
them on the command line. Keys live in one JSON document, in S3 or in a file;
nginx, Caddy, HAProxy, Traefik and Envoy can ask it about each request.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  "${PROJECT_SOURCE_DIR}/packaging/debian/conffiles;${PROJECT_SOURCE_DIR}/packaging/debian/postinst;${PROJECT_SOURCE_DIR}/packaging/debian/prerm;${PROJECT_SOURCE_DIR}/packaging/debian/postrm")
include(CPack)
