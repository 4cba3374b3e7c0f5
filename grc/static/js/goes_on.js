// Sends a form that needs nobody's choice; without scripts its button does.
"use strict";
document.querySelector("form[data-goes-on]")?.requestSubmit();
