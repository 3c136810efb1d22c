package io.nioring.internal.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

@SuppressWarnings("CollectionIncompatibleType") // the wrong type is the case
class KeyTableTest {
  private static final long WAIT_SECONDS = 60;

  private final KeyTable table = new KeyTable();

  private static RingSelectionKey key() {
    return new RingSelectionKey(null, null, new ReadyNode(null));
  }

  private List<RingSelectionKey> add(int count) {
    List<RingSelectionKey> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      RingSelectionKey key = key();
      keys.add(key);
      table.add(key);
    }
    return keys;
  }

  /** A stream asks for the size and the keys, and fails if these are not as many. */
  @Test
  void viewCanBeStreamedWhileKeysComeAndGo() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    Background<Void> changing =
        Background.run(
            () -> {
              RingSelectionKey key = key();
              while (!over.get()) {
                table.add(key);
                table.remove(key);
              }
              return null;
            });
    try {
      for (int i = 0; i < 200_000; i++) {
        assertThat(table.view().stream().toList().size()).isLessThan(2);
      }
    } finally {
      over.set(true);
    }
    changing.get(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  @Test
  void findsTheKeyOfEachNodeWhateverWasRemoved() {
    List<RingSelectionKey> keys = add(100);
    for (int removed : new int[] {99, 0, 50, 1, 97}) {
      table.remove(keys.get(removed));
      assertThat(table.keyOf(keys.get(removed).node())).isNull();
    }
    table.remove(keys.get(50));
    for (int i = 0; i < keys.size(); i++) {
      RingSelectionKey found = table.keyOf(keys.get(i).node());
      assertThat(found == null || found == keys.get(i)).isTrue();
    }
    assertThat(table.view()).hasSize(95);
    assertThat(table.view()).hasSize(95);
  }

  @Test
  void lastKeyCanBeRemovedAndTheTableStaysUsable() {
    RingSelectionKey only = add(1).get(0);
    table.remove(only);
    assertThat(table.view()).isEmpty();
    table.add(only);
    assertThat(table.keyOf(only.node())).isSameAs(only);
  }

  @Test
  void nodeWithoutAPlaceHasNoKey() {
    assertThat(table.keyOf(new ReadyNode(null))).isNull();
  }

  @Test
  void takesNoKeysWhenItIsClosed() {
    List<RingSelectionKey> keys = add(2);
    table.close();
    assertThatThrownBy(() -> table.add(key())).isInstanceOf(ClosedSelectorException.class);
    assertThat(table.view()).containsExactlyElementsOf(keys);
    keys.forEach(table::remove);
    assertThat(table.view()).isEmpty();
  }

  @Test
  void viewIsAnUnmodifiableSetThatFollows() {
    Set<SelectionKey> view = table.view();
    assertThat(view).isSameAs(table.view());
    assertThat(view).isEmpty();

    List<RingSelectionKey> keys = add(3);
    assertThat(view).isEqualTo(new HashSet<SelectionKey>(keys));
    assertThat(keys).allMatch(view::contains);
    assertThat(view.contains(key())).isFalse();
    assertThat(view.contains("no key")).isFalse();

    assertThatThrownBy(view::clear).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> view.remove(keys.get(0)))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> view.add(keys.get(0)))
        .isInstanceOf(UnsupportedOperationException.class);
    Iterator<SelectionKey> iterator = view.iterator();
    iterator.next();
    assertThatThrownBy(iterator::remove).isInstanceOf(UnsupportedOperationException.class);
    assertThat(view).hasSize(3);

    table.remove(keys.get(1));
    assertThat(view).containsExactlyInAnyOrder(keys.get(0), keys.get(2));
    assertThat(view.contains(keys.get(1))).isFalse();
  }

  @Test
  void viewDoesNotKnowTheKeysOfOtherTables() {
    add(3);
    KeyTable other = new KeyTable();
    RingSelectionKey foreign = key();
    other.add(foreign);
    assertThat(table.view().contains(foreign)).isFalse();
  }

  @Test
  void behavesAsASetThroughRandomOperations() {
    long seed = ThreadLocalRandom.current().nextLong();
    Random random = new Random(seed);
    List<RingSelectionKey> keys = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      keys.add(key());
    }
    Set<RingSelectionKey> model = new HashSet<>();
    for (int step = 0; step < 5_000; step++) {
      RingSelectionKey key = keys.get(random.nextInt(keys.size()));
      if (random.nextInt(5) < 3 && model.add(key)) {
        table.add(key);
      } else {
        table.remove(key);
        model.remove(key);
      }
      assertThat(table.view()).as("seed %d, step %d", seed, step).hasSize(model.size());
      for (RingSelectionKey each : keys) {
        RingSelectionKey found = table.keyOf(each.node());
        assertThat(found)
            .as("seed %d, step %d", seed, step)
            .isSameAs(model.contains(each) ? each : null);
      }
    }
  }

  /** Registering threads add while the selecting thread looks up and removes. */
  @Test
  void lookupsFindEveryKeyWhileOthersAreAdded() throws Exception {
    List<RingSelectionKey> early = add(20);
    Background<List<RingSelectionKey>> adding = Background.run(() -> add(20_000));

    while (!adding.isDone()) {
      for (RingSelectionKey key : early) {
        assertThat(table.keyOf(key.node())).isSameAs(key);
      }
      table.remove(early.get(7));
      table.add(early.get(7));
    }
    List<RingSelectionKey> late = adding.get(WAIT_SECONDS, TimeUnit.SECONDS);
    for (RingSelectionKey key : late) {
      assertThat(table.keyOf(key.node())).isSameAs(key);
    }
    assertThat(table.view()).hasSize(20_020);
  }
}
