package dev.sluice.media.rendition;

import dev.sluice.media.rendition.Rendition.Standing;
import dev.sluice.media.segment.SegmentPolicy;
import dev.sluice.media.stream.StreamKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The groups of one server. A group is there while one of its streams is.
 *
 * <p>Threading: any thread. A concurrent map, as streams begin and end on any loop; its compute
 * methods make joining and leaving one step each.
 */
public final class RenditionGroups {
  private volatile RenditionNames names = RenditionNames.NONE;
  private final ConcurrentHashMap<StreamKey, Members> groups = new ConcurrentHashMap<>();

  /** Renditions that are made here, and of what. */
  private final ConcurrentHashMap<StreamKey, StreamKey> made = new ConcurrentHashMap<>();

  /** A group and who is in it. */
  private record Members(RenditionGroup group, Map<StreamKey, GroupMember> all) {
    Members {
      all = Map.copyOf(all);
    }
  }

  /** One stream of a group. */
  public record Member(StreamKey stream, Rendition rendition) {}

  /** Which streams are groups from now on; before streams come. */
  public void names(RenditionNames as) {
    names = as;
  }

  /**
   * A stream begins.
   *
   * @return null when there are no groups here
   */
  public @Nullable GroupMember join(
      StreamKey stream, SegmentPolicy policy, GroupMember.NewRun newRun) {
    if (!names.any()) {
      return null;
    }
    GroupMember[] joined = new GroupMember[1];
    groups.compute(
        names.groupOf(stream),
        (key, there) -> {
          RenditionGroup group = there == null ? new RenditionGroup(key) : there.group();
          Map<StreamKey, GroupMember> all = new HashMap<>(there == null ? Map.of() : there.all());
          joined[0] = new GroupMember(stream, () -> made.get(stream), group, policy, newRun);
          all.put(stream, joined[0]);
          return new Members(group, all);
        });
    return joined[0];
  }

  /** A rendition is made here, with the times of another stream of the group as it is here. */
  public void made(StreamKey rendition, StreamKey of) {
    made.put(rendition, of);
  }

  /** It is not any more. */
  public void madeNoMore(StreamKey rendition, StreamKey of) {
    made.remove(rendition, of);
  }

  /** A stream is over. */
  public void leave(StreamKey stream, GroupMember member) {
    groups.computeIfPresent(
        member.group().key(),
        (key, there) -> {
          Map<StreamKey, GroupMember> all = new HashMap<>(there.all());
          all.remove(stream, member);
          return all.isEmpty() ? null : new Members(there.group(), all);
        });
  }

  /** The streams of a group by name; empty when there is no such group. */
  public List<Member> of(StreamKey group) {
    Members members = groups.get(group);
    List<Member> found = new ArrayList<>();
    if (members != null) {
      members.all().forEach((key, each) -> found.add(new Member(key, each.rendition())));
      found.sort(Comparator.comparing(each -> each.stream().toString()));
    }
    return found;
  }

  /** Whether a group has more than one stream. */
  public boolean isShared(RenditionGroup group) {
    Members members = groups.get(group.key());
    return members != null && members.all().size() > 1;
  }

  /** Streams that are not alone in their group, of one standing. */
  public int count(Standing standing) {
    int count = 0;
    for (Members members : groups.values()) {
      if (members.all().size() > 1) {
        for (GroupMember each : members.all().values()) {
          count += each.rendition().standing() == standing ? 1 : 0;
        }
      }
    }
    return count;
  }
}
