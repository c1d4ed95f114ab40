"""What /metrics tells Prometheus: hits by status, how long we took to acknowledge, how full the inbox is."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0)
BATCH_SIZES = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)


class Histogram:
    """Counts of observations by bucket, for one thread: the library's own take a lock for every one of thousands."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def family(self, name: str, description: str) -> HistogramMetricFamily:
        buckets, total = [], 0
        for bound, count in zip((*map(str, self._bounds), "+Inf"), self._counts, strict=True):
            total += count
            buckets.append((bound, total))
        return HistogramMetricFamily(name, description, buckets=buckets, sum_value=self._sum)


class Metrics(Collector):
    """One registry per process; every name starts with `dashboard_`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(self)
        self._hits = dict.fromkeys((200, 400, 404, 405, 503), 0)
        self._acknowledge = Histogram(SECONDS)
        self._batches = Histogram(BATCH_SIZES)

    def hit(self, status: int, seconds: float) -> None:
        self._hits[status] += 1
        if status == 200:
            self._acknowledge.observe(seconds)

    def batch(self, size: int) -> None:
        self._batches.observe(size)

    def gauge(self, name: str, description: str, read: Callable[[], float]) -> None:
        """Have a figure read whenever Prometheus asks."""
        Gauge(f"dashboard_{name}", description, registry=self.registry).set_function(read)

    def collect(self) -> Iterable[Metric]:
        hits = CounterMetricFamily(
            "dashboard_receiver_hits", "Hits on the receiver by the HTTP status we answered.", labels=["status"]
        )
        for status, count in self._hits.items():
            hits.add_metric([str(status)], count)
        yield hits
        yield self._acknowledge.family(
            "dashboard_receiver_acknowledge_seconds", "From a hit's arrival until it was acknowledged with 200."
        )
        yield self._batches.family("dashboard_inbox_batch_size", "Hits stored by one transaction.")

    def text(self) -> bytes:
        return generate_latest(self.registry)
