/** Names with what is around them: "tokio::runtime::Handle", "main()::counter". */
#ifndef DWARF_QUALIFY_H
#define DWARF_QUALIFY_H

#include "dwarf/die.h"

/**
 * @p name, of the DIE at @p place, behind the names of its scopes; into @p arena. C has no scopes. A DIE that
 * completes another one elsewhere is to be given by that one's place.
 */
must_use struct polyton_error *qualify(const struct die_place *place, const char *name,
				       enum polyton_language language, struct arena *arena, const char **ret);
/**
 * The qualified name of a type. One that is defined outside of its scope, as in gcc's type units, says where it was
 * declared, and may leave the name there.
 */
must_use struct polyton_error *qualify_die(const struct die *die, enum polyton_language language, struct arena *arena,
					   const char **ret);

#endif
