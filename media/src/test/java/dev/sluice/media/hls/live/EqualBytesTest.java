package dev.sluice.media.hls.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.hls.FragmentChecks;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.PlaylistChecks;
import dev.sluice.media.hls.PlaylistException;
import dev.sluice.media.hls.PlaylistReader;
import dev.sluice.media.stream.EndReason;
import dev.sluice.testkit.LeakCheck;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole servers in time of their own: an encoder that comes back, takes over from itself, jumps and
 * changes its settings; an origin, often with a twin, that starts anew; edges that come late, on
 * lines that are slow, lossy and cut. Whatever happens, an address is the same bytes at every
 * server that has it, every list keeps the rules that players go by, and what a list names can be
 * had while its origin is there.
 *
 * <p>{@code -Dsluice.runs=1000 -Dsluice.firstSeed=1} makes more runs, as does {@code
 * lab/bench/equal-bytes.sh}.
 */
@ExtendWith(LeakCheck.class)
class EqualBytesTest {
  private static final int RUNS = Integer.getInteger("sluice.runs", 50);
  private static final long FIRST_SEED = Long.getLong("sluice.firstSeed", 1);
  private static final int STEPS = 300;
  private static final long STEP_MS = 200;
  private static final int BODIES_EVERY = 15;
  private static final int COMPARISONS_TO_HEAR = 2;

  static LongStream seeds() {
    return LongStream.range(FIRST_SEED, FIRST_SEED + RUNS);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void anAddressIsTheSameBytesOnEveryServerWhateverHappens(long seed) {
    try (Run run = new Run(seed)) {
      for (int step = 0; step < STEPS; step++) {
        run.step(step);
      }
      assertThat(run.faults()).isEmpty();
      assertThat(run.compared()).as("bodies that two servers made").isPositive();
    }
  }

  /** What a player of one server sees. */
  private static final class Watch {
    private VirtualFleet.Node node;
    private PlaylistChecks checks = new PlaylistChecks();
    private @Nullable MediaPlaylist list;
    private String text = "";
    private final Map<String, Integer> missing = new HashMap<>();

    Watch(VirtualFleet.Node node) {
      this.node = node;
    }

    /** The server was started anew; its players go on. */
    Watch movedTo(VirtualFleet.Node now) {
      node = now;
      return this;
    }
  }

  /** One run. */
  private static final class Run implements AutoCloseable {
    private static final int MOST_EDGES = 3;

    private final Random random;
    private final VirtualFleet fleet = new VirtualFleet();
    private final RandomEncoder encoder;
    private final List<VirtualFleet.Edge> edges = new ArrayList<>();
    private final Map<VirtualFleet.Node, Watch> watches = new HashMap<>();
    private final Map<Long, FragmentChecks> bodies = new HashMap<>();
    private final Map<Long, Long> madeFrom = new HashMap<>();
    private final Map<Long, String> madeBy = new HashMap<>();
    private final List<String> faults = new ArrayList<>();
    private int awayUntil;
    private int stalledUntil;

    Run(long seed) {
      random = new Random(seed);
      encoder = new RandomEncoder(random);
      fleet.origins.add(fleet.new Origin("origin-1"));
      fleet.origins.getFirst().publish();
      if (random.nextInt(3) == 0) {
        fleet.pass(random.nextInt(20_000));
        fleet.origins.add(fleet.new Origin("origin-2"));
        fleet.origins.getLast().publish();
      }
    }

    private boolean oneIn(int n) {
      return random.nextInt(n) == 0;
    }

    void step(int step) {
      if (edges.size() < MOST_EDGES && (step == 0 || oneIn(30))) {
        addEdge();
      }
      encoderActs(step);
      if (oneIn(300)) {
        restart(random.nextInt(fleet.origins.size()));
      }
      edges.forEach(this::lineActs);
      fleet.pass(STEP_MS);
      if (step >= stalledUntil && step >= awayUntil) {
        encoder
            .next(STEP_MS)
            .forEach(
                tag -> {
                  fleet.origins.forEach(origin -> origin.feed(tag));
                  tag.release();
                });
      }
      fleet.origins.forEach(this::look);
      edges.forEach(this::look);
      if (step % BODIES_EVERY == 0) {
        fleet.origins.forEach(this::compare);
        edges.forEach(this::compare);
      }
    }

    private void addEdge() {
      var answers = new VirtualFleet.VirtualAnswers(fleet, random);
      VirtualFleet.Edge edge = fleet.new Edge("edge-" + edges.size(), answers);
      edge.line.loses(random, oneIn(2) ? 0 : 500);
      edges.add(edge);
    }

    private void encoderActs(int step) {
      if (step == awayUntil && awayUntil > 0) {
        encoder.begin(oneIn(3));
        fleet.origins.forEach(VirtualFleet.Origin::publish);
      } else if (step == stalledUntil && stalledUntil > 0) {
        encoder.begin(oneIn(3));
        fleet.origins.forEach(VirtualFleet.Origin::publish); // the old connection is half dead
      } else if (step > awayUntil && step > stalledUntil) {
        if (oneIn(90)) {
          awayUntil = step + 1 + random.nextInt(30);
          fleet.origins.forEach(origin -> origin.unpublish(EndReason.CONNECTION_LOST));
        } else if (oneIn(120)) {
          stalledUntil = step + 3 + random.nextInt(20);
        } else if (oneIn(150)) {
          encoder.jump();
        } else if (oneIn(150)) {
          encoder.changeSettings();
        }
      }
    }

    private void restart(int which) {
      VirtualFleet.Origin old = fleet.origins.get(which);
      List.copyOf(old.lines).forEach(VirtualLine::cut);
      look(old);
      old.close();
      VirtualFleet.Origin anew = fleet.new Origin(old.name);
      fleet.origins.set(which, anew);
      watches.put(anew, Objects.requireNonNull(watches.remove(old)).movedTo(anew));
      encoder.begin(false); // the connections of all are made anew
      for (VirtualFleet.Origin origin : fleet.origins) {
        origin.unpublish(EndReason.CONNECTION_LOST);
        origin.publish();
      }
      awayUntil = 0;
      stalledUntil = 0;
    }

    private void lineActs(VirtualFleet.Edge edge) {
      VirtualLine line = edge.line;
      if (line.from() == null) {
        if (oneIn(8)) {
          line.connect(fleet.origins.get(random.nextInt(fleet.origins.size())));
        } else if (oneIn(100)) {
          line.giveUp();
        }
      } else if (oneIn(100)) {
        line.cut();
        if (oneIn(2)) {
          line.connect(fleet.origins.get(random.nextInt(fleet.origins.size())));
        }
      } else if (oneIn(60)) {
        VirtualLine.Slow[] all = VirtualLine.Slow.values();
        line.slow(all[random.nextInt(all.length)]);
      }
    }

    private void look(VirtualFleet.Node node) {
      node.sweep();
      Watch watch = watches.computeIfAbsent(node, Watch::new);
      String text = node.list();
      if (text == null || text.equals(watch.text)) {
        return;
      }
      watch.text = text;
      MediaPlaylist before = watch.list;
      MediaPlaylist list = read(text);
      if (before != null && list.incarnation() != before.incarnation()) {
        String by = madeBy.get(list.incarnation());
        if (by == null || !by.equals(madeBy.get(before.incarnation()))) {
          note(watch);
          watch.checks = new PlaylistChecks(); // a twin's numbers are its own
        }
      }
      watch.list = watch.checks.playlist(text);
      if (node instanceof VirtualFleet.Origin origin) {
        madeBy.put(list.incarnation(), origin.name);
        madeFrom.putIfAbsent(list.incarnation(), list.firstMsn());
      }
    }

    private static MediaPlaylist read(String text) {
      try {
        return PlaylistReader.read(text);
      } catch (PlaylistException e) {
        throw new AssertionError(text, e);
      }
    }

    private void compare(VirtualFleet.Node node) {
      Watch watch = Objects.requireNonNull(watches.get(node));
      MediaPlaylist list = watch.list;
      String text = node.list();
      if (list == null || text == null) {
        return;
      }
      FragmentChecks all = bodies.computeIfAbsent(list.incarnation(), run -> new FragmentChecks());
      boolean originThere =
          fleet.origins.stream()
              .map(VirtualFleet.Node::list)
              .anyMatch(t -> t != null && read(t).incarnation() == list.incarnation());
      for (String name : Listed.names(list)) {
        byte[] own = node.body(name);
        if (own != null) {
          all.body(name, node.name, own);
          continue;
        }
        byte[] fetched = VirtualFleet.fetch(fleet.origins, name);
        if (fetched != null) {
          all.body(name, node.name + " by an origin", fetched);
        } else if (originThere && isMissed(watch, list.incarnation(), name)) {
          faults.add("listed and not there: " + name + " at " + node.name);
        }
      }
      all.look(list);
    }

    /**
     * Whether an edge should know better. It may list what its origin was not asked for in time,
     * until it hears where the origin begins.
     */
    private boolean isMissed(Watch watch, long incarnation, String name) {
      Long from = madeFrom.get(incarnation);
      String number = name.substring(name.indexOf('/') + 1).replaceAll("[.].*", "");
      boolean init = number.startsWith("init");
      if (watch.node instanceof VirtualFleet.Origin
          || (!init && from != null && Long.parseLong(number) >= from)) {
        return true;
      }
      return from != null && watch.missing.merge(name, 1, Integer::sum) > COMPARISONS_TO_HEAR;
    }

    private void note(Watch watch) {
      watch.checks.faults().forEach(fault -> faults.add(watch.node.name + ": " + fault));
    }

    List<String> faults() {
      watches.values().forEach(this::note);
      bodies.values().forEach(all -> faults.addAll(all.faults()));
      return faults;
    }

    int compared() {
      return bodies.values().stream().mapToInt(FragmentChecks::compared).sum();
    }

    @Override
    public void close() {
      edges.forEach(VirtualFleet.Node::close);
      fleet.origins.forEach(VirtualFleet.Node::close);
      fleet.close();
    }
  }
}
