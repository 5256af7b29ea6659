#pragma once

#include "app/flags.h"
#include "app/world.h"

/// One function for each command: does what its flags say, prints, and returns the exit code.
namespace heare::app {

int command_serve(const ServeFlags& flags, const World& world);
int command_create(const CreateFlags& flags, const World& world);
int command_list(const ListFlags& flags, const World& world);
int command_show(const ShowFlags& flags, const World& world);
int command_update(const UpdateFlags& flags, const World& world);
int command_enable(const EnableFlags& flags, const World& world);
int command_disable(const DisableFlags& flags, const World& world);
int command_rotate(const RotateFlags& flags, const World& world);
int command_delete(const DeleteFlags& flags, const World& world);
int command_verify(const VerifyFlags& flags, const World& world);
int command_inspect(const InspectFlags& flags, const World& world);
int command_import(const ImportFlags& flags, const World& world);
int command_export(const ExportFlags& flags, const World& world);
int command_migrate(const MigrateFlags& flags, const World& world);
int command_refresh(const RefreshCommandFlags& flags, const World& world);
int command_doctor(const DoctorFlags& flags, const World& world);
int command_health(const HealthFlags& flags, const World& world);

}  // namespace heare::app
