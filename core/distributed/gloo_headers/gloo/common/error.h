// Internal. Stands in for gloo's header, which torch's wheels lack; see core/distributed/gloo_backend.cpp.
#pragma once
