"""Local servers that stand in for vendors: same shapes, with latency, quotas and faults to set.

For trying everything without a key, for tests and for benchmarks. A vendor here speaks its
published protocol; how well it behaves is set at `/_sandbox` or by a header. Imports no
application; what it needs from one is handed in.
"""

from forthwith.sandbox.knobs import Fault, Knobs, Latency, Quota
from forthwith.sandbox.log import Recorded
from forthwith.sandbox.metered import metered
from forthwith.sandbox.vendor import Vendor, serving

__all__ = ["Fault", "Knobs", "Latency", "Quota", "Recorded", "Vendor", "metered", "serving"]
