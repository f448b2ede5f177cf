package dev.sluice.balancer.routing;

import java.util.List;

/**
 * What one region offers to one viewer.
 *
 * @param step the region's figures
 * @param accepting edges with room, best first
 * @param filling edges with room by their reports, but hardly for those on their way to them
 * @param nearlyFull edges above the use at which they should get no more, but below capacity
 * @param lastResort edges below capacity that are held out after a failure, best first
 * @param others every other edge
 */
record RegionChoice(
    RegionStep step,
    List<Assessment> accepting,
    List<Assessment> filling,
    List<Assessment> nearlyFull,
    List<Assessment> lastResort,
    List<Assessment> others) {}
