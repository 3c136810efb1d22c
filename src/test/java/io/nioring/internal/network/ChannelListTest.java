package io.nioring.internal.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.ring.MemoryPool;
import io.nioring.internal.stream.Endpoint;
import io.nioring.testkit.Background;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Walks over entries that come and go meanwhile. */
@Timeout(180)
class ChannelListTest {
  private static final int BYTES = 7;

  private final ChannelRegistry registry =
      new ChannelRegistry(new MemoryPool(false), 1_000, "channel-list-test");
  private final ChannelList list = new ChannelList();

  /** An entry whose channel has read some bytes. */
  private final class Some extends ChannelRegistry.Entry {
    Some() {
      super(null, registry);
    }

    @Override
    public void closeAbandoned() {
      // It holds nothing.
    }

    @Override
    public Endpoint endpoint() {
      return null;
    }

    @Override
    long bytesRead() {
      return BYTES;
    }
  }

  @AfterEach
  void close() throws Exception {
    registry.close();
  }

  private List<Some> added(int count) {
    List<Some> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(new Some());
      list.add(all.get(i));
    }
    return all;
  }

  @Test
  void walkMeetsWhatStaysOnceAlthoughItsNextEntryIsRemoved() {
    List<Some> all = added(6); // met from the last to the first
    ChannelList.Walk walk = new ChannelList.Walk();
    ChannelRegistry.Entry[] two = new ChannelRegistry.Entry[2];
    list.begin(walk);
    assertThat(list.take(walk, two)).isEqualTo(2);
    assertThat(two).containsExactly(all.get(5), all.get(4));

    list.remove(all.get(3)); // the next one
    list.remove(all.get(2)); // the one after it, which is the next one by now
    list.remove(all.get(5)); // one that was met
    list.add(new Some());

    assertThat(list.take(walk, two)).isEqualTo(2);
    assertThat(two).containsExactly(all.get(1), all.get(0));
    assertThat(list.take(walk, two)).isZero();
    list.end(walk);
  }

  @Test
  void walksAtTheSameTimeEndInAnyOrder() {
    List<Some> all = added(3);
    ChannelList.Walk[] walks = {
      new ChannelList.Walk(), new ChannelList.Walk(), new ChannelList.Walk()
    };
    for (ChannelList.Walk walk : walks) {
      list.begin(walk);
    }
    list.end(walks[1]);
    list.remove(all.get(2));
    ChannelRegistry.Entry[] one = new ChannelRegistry.Entry[1];
    for (int i = 0; i < 3; i += 2) {
      assertThat(list.take(walks[i], one)).isEqualTo(1);
      assertThat(one).containsExactly(all.get(1));
    }
    list.end(walks[2]);
    list.end(walks[0]);
    assertThat(list.walks).isNull();
  }

  @Test
  void sumHasWhatIsRemovedBeforeAndAfterItWasCounted() {
    for (int round = 1; round <= 3; round++) { // the bit that tells is another one each time
      List<Some> all = added(4);
      ChannelList.Walk walk = new ChannelList.Walk();
      list.beginSum(walk);
      assertThat(list.add(walk, 2)).isTrue();
      list.remove(all.get(3)); // counted
      list.remove(all.get(0)); // not yet
      while (list.add(walk, 2)) {
        assertThat(round).isGreaterThan(1); // those of earlier rounds
      }
      list.endSum(walk);

      assertThat(list.sum()).isEqualTo(4L * BYTES * round);
    }
  }

  @Test
  void sumOnlyGrowsWhileChannelsComeAndGo() {
    AtomicBoolean end = new AtomicBoolean();
    added(500);
    Background<Long> others = Background.run(() -> comeAndGo(end));
    long last = 0;
    for (int i = 0; i < 2_000; i++) {
      long now = sum();
      assertThat(now).isGreaterThanOrEqualTo(last);
      last = now;
    }
    end.set(true);
    long all = 500 + others.result(); // before the sum: the last one may still be added
    assertThat(sum()).isEqualTo(BYTES * all);
  }

  private long sum() {
    ChannelList.Walk walk = new ChannelList.Walk();
    list.beginSum(walk);
    while (list.add(walk, 32)) {
      Thread.onSpinWait();
    }
    list.endSum(walk);
    return list.sum();
  }

  private long comeAndGo(AtomicBoolean end) {
    Random random = new Random(1);
    List<Some> mine = new ArrayList<>();
    long added = 0;
    while (!end.get()) {
      if (mine.size() < 300 || random.nextBoolean()) {
        mine.add(new Some());
        list.add(mine.get(mine.size() - 1));
        added++;
      } else {
        list.remove(mine.remove(random.nextInt(mine.size())));
      }
      if (mine.size() > 600) {
        list.remove(mine.remove(0));
      }
    }
    return added;
  }
}
