/* ports/small/arch/cc.h: what the unit port stands on, for the tests of this option set. Whoever
 * builds it for a target puts the target's arch/cc.h in front on the include path. */
#include "../../unit/arch/cc.h"
