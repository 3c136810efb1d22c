package io.nioring.internal.select;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("CollectionIncompatibleType") // the wrong type is the case
class SelectedKeySetTest {
  private final SelectedKeySet set = new SelectedKeySet();

  private static RingSelectionKey key() {
    return new RingSelectionKey(null, null, new ReadyNode(null));
  }

  private List<RingSelectionKey> add(int count) {
    List<RingSelectionKey> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      RingSelectionKey key = key();
      keys.add(key);
      set.addSelected(key);
    }
    return keys;
  }

  @Test
  void isEmptyAtFirst() {
    assertThat(set).isEmpty();
    assertThat(set.contains(key())).isFalse();
    assertThat(set.remove(key())).isFalse();
    assertThat(set.iterator().hasNext()).isFalse();
    set.clear();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 16, 17, 1_000})
  void holdsWhatWasAddedAndGrows(int count) {
    List<RingSelectionKey> keys = add(count);
    assertThat(set).hasSize(count).containsExactlyInAnyOrderElementsOf(keys);
    assertThat(keys).allMatch(set::contains);
    assertThat(set).isEqualTo(new HashSet<SelectionKey>(keys));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void keyRemovedFromAnyPlaceLeavesTheOthers(int place) {
    List<RingSelectionKey> keys = add(5);
    RingSelectionKey removed = keys.remove(place);

    assertThat(set.remove(removed)).isTrue();
    assertThat(set.remove(removed)).isFalse();
    assertThat(set.removeSelected(removed)).isFalse();
    assertThat(removed.selectedIndex).isNegative();
    assertThat(set).containsExactlyInAnyOrderElementsOf(keys);
    assertThat(keys).allMatch(set::contains);
  }

  @Test
  void removedKeyMayComeBack() {
    List<RingSelectionKey> keys = add(3);
    set.remove(keys.get(0));
    set.addSelected(keys.get(0));
    assertThat(set).containsExactlyInAnyOrderElementsOf(keys);
  }

  @Test
  void clearForgetsAllKeysAndTheyMayComeBack() {
    List<RingSelectionKey> keys = add(20);
    set.clear();
    assertThat(set).isEmpty();
    assertThat(keys).noneMatch(set::contains).allMatch(key -> key.selectedIndex < 0);
    keys.forEach(set::addSelected);
    assertThat(set).containsExactlyInAnyOrderElementsOf(keys);
  }

  @Test
  void keysOfAnotherSelectorsSetAreNotInIt() {
    add(3);
    SelectedKeySet others = new SelectedKeySet();
    RingSelectionKey foreign = key();
    others.addSelected(foreign);

    assertThat(set.contains(foreign)).isFalse();
    assertThat(set.remove(foreign)).isFalse();
    assertThat(set).hasSize(3);
    assertThat(others).containsExactly(foreign);
    assertThat(set.contains("no key")).isFalse();
    assertThat(set.contains(null)).isFalse();
    assertThat(set.remove(null)).isFalse();
  }

  @Test
  void usersCannotAdd() {
    RingSelectionKey key = key();
    assertThatThrownBy(() -> set.add(key)).isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> set.addAll(List.of()))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> set.addAll(Set.of(key)))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThat(set).isEmpty();
  }

  @Test
  void iteratorRemovesAnyOfItsKeysOnce() {
    List<RingSelectionKey> keys = add(10);
    List<SelectionKey> seen = new ArrayList<>();
    Iterator<SelectionKey> iterator = set.iterator();
    while (iterator.hasNext()) {
      SelectionKey key = iterator.next();
      seen.add(key);
      if (seen.size() % 3 == 0) {
        iterator.remove();
        assertThatThrownBy(iterator::remove).isInstanceOf(IllegalStateException.class);
        keys.remove(key);
      }
    }
    assertThat(seen).hasSize(10).doesNotHaveDuplicates();
    assertThat(set).containsExactlyInAnyOrderElementsOf(keys);
    assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void iteratorWithoutACurrentKeyRemovesNothing() {
    add(1);
    assertThatThrownBy(set.iterator()::remove).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void iteratorIsFailFast() {
    List<RingSelectionKey> keys = add(3);
    Iterator<SelectionKey> beforeRemoval = set.iterator();
    beforeRemoval.next();
    set.remove(keys.get(0));
    assertThatThrownBy(beforeRemoval::next).isInstanceOf(ConcurrentModificationException.class);
    assertThatThrownBy(beforeRemoval::remove).isInstanceOf(ConcurrentModificationException.class);

    Iterator<SelectionKey> beforeAddition = set.iterator();
    set.addSelected(key());
    assertThatThrownBy(beforeAddition::next).isInstanceOf(ConcurrentModificationException.class);

    Iterator<SelectionKey> beforeClear = set.iterator();
    set.clear();
    assertThatThrownBy(beforeClear::next).isInstanceOf(ConcurrentModificationException.class);
  }

  @Test
  void bulkOperationsOfSetsWork() {
    List<RingSelectionKey> keys = add(6);
    assertThat(set.removeAll(Set.copyOf(keys.subList(0, 2)))).isTrue();
    assertThat(set.retainAll(Set.copyOf(keys.subList(0, 4)))).isTrue();
    assertThat(set).containsExactlyInAnyOrder(keys.get(2), keys.get(3));
    assertThat(set.removeIf(key -> key == keys.get(2))).isTrue();
    assertThat(set.toArray()).containsExactly(keys.get(3));
  }

  @Test
  void behavesAsAHashSetThroughRandomOperations() {
    long seed = ThreadLocalRandom.current().nextLong();
    Random random = new Random(seed);
    List<RingSelectionKey> keys = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      keys.add(key());
    }
    Set<SelectionKey> model = new HashSet<>();
    for (int step = 0; step < 5_000; step++) {
      RingSelectionKey key = keys.get(random.nextInt(keys.size()));
      switch (random.nextInt(10)) {
        case 0 -> {
          if (random.nextInt(10) == 0) {
            set.clear();
            model.clear();
          }
        }
        case 1, 2, 3 ->
            assertThat(set.remove(key)).as("seed %d", seed).isEqualTo(model.remove(key));
        default -> {
          if (model.add(key)) {
            set.addSelected(key);
          }
        }
      }
      assertThat(set).as("seed %d, step %d", seed, step).isEqualTo(model);
    }
  }
}
