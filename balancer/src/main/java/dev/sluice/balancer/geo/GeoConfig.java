package dev.sluice.balancer.geo;

import dev.sluice.chassis.config.Setting;
import java.time.Duration;

/** How a client's region is found. */
public record GeoConfig(
    @Setting(
            doc = "Country database in MaxMind DB format; empty = none. Reloaded when it changes.",
            def = "",
            example = "data/geo/country.mmdb")
        String database,
    @Setting(
            doc =
                "Region of clients of whom nothing is known; empty = the first in order of names.",
            def = "")
        String defaultRegion,
    @Setting(
            expert = true,
            doc = "How often the database file is looked at for a change.",
            def = "30s",
            range = "10ms..1d")
        Duration checkEvery) {}
