package io.nioring.contract;

import static java.nio.channels.SelectionKey.OP_READ;
import static java.nio.channels.SelectionKey.OP_WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nioring.testkit.Background;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** The sets that {@code keys()} and {@code selectedKeys()} return. */
class SelectedKeySetContractTest {
  @EachProvider
  void setsAreTheSameObjectsEachTime(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();

    assertThat(selector.keys()).isSameAs(selector.keys());
    assertThat(selector.selectedKeys()).isSameAs(selector.selectedKeys());
  }

  @EachProvider
  void keysAreReadOnly(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    SelectionKey key = transport.nonBlockingPair().client().register(selector, OP_READ);
    Set<SelectionKey> keys = selector.keys();

    assertUnsupported(() -> keys.add(key));
    assertUnsupported(() -> keys.addAll(List.of(key)));
    assertUnsupported(() -> keys.remove(key));
    assertUnsupported(() -> keys.removeAll(List.of(key)));
    assertUnsupported(() -> keys.retainAll(List.of()));
    assertUnsupported(() -> keys.removeIf(each -> true));
    assertUnsupported(keys::clear);
    assertUnsupported(
        () -> {
          Iterator<SelectionKey> iterator = keys.iterator();
          iterator.next();
          iterator.remove();
        });
    assertThat(keys).containsExactly(key);
  }

  @EachProvider
  void selectedKeysCannotBeAddedTo(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    SelectionKey key = transport.nonBlockingPair().client().register(selector, OP_WRITE);
    Set<SelectionKey> selected = selector.selectedKeys();

    assertUnsupported(() -> selected.add(key));
    assertUnsupported(() -> selected.add(null));
    assertUnsupported(() -> selected.addAll(List.of(key)));
    @SuppressWarnings({"unchecked", "rawtypes"})
    Set<Object> raw = (Set) selected;
    assertUnsupported(() -> raw.add("not a key"));
    assertThat(selected).isEmpty();
  }

  @EachProvider
  void selectedKeysCanBeRemovedInEachWay(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    List<SelectionKey> keys = registerWritable(transport, selector, 8);
    Set<SelectionKey> selected = selector.selectedKeys();
    assertThat(selector.selectNow()).isEqualTo(8);
    assertThat(selected).hasSize(8);

    assertThat(selected.remove(keys.get(0))).isTrue();
    assertThat(selected.remove(keys.get(0))).isFalse();
    assertThat(selected.removeAll(List.of(keys.get(1), keys.get(2)))).isTrue();
    assertThat(selected.removeIf(key -> key == keys.get(3))).isTrue();
    assertThat(selected.retainAll(keys.subList(5, 8))).isTrue();
    assertThat(selected).containsExactlyInAnyOrder(keys.get(5), keys.get(6), keys.get(7));
    selected.iterator().next();
    Iterator<SelectionKey> iterator = selected.iterator();
    SelectionKey first = iterator.next();
    iterator.remove();
    assertThat(selected).hasSize(2).doesNotContain(first);
    selected.clear();
    assertThat(selected).isEmpty();
    assertThat(selector.selectNow()).isEqualTo(8);
  }

  @EachProvider
  void iteratorSeesEveryKeyOnceWhileItRemoves(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    List<SelectionKey> keys = registerWritable(transport, selector, 20);
    for (int pattern = 0; pattern < 3; pattern++) {
      selector.selectedKeys().clear();
      assertThat(selector.selectNow()).isEqualTo(20);
      Set<SelectionKey> seen = new HashSet<>();
      Set<SelectionKey> removed = new HashSet<>();
      Iterator<SelectionKey> iterator = selector.selectedKeys().iterator();
      while (iterator.hasNext()) {
        SelectionKey key = iterator.next();
        assertThat(seen.add(key)).isTrue();
        if (pattern == 0 || seen.size() % 2 == pattern - 1) {
          iterator.remove();
          removed.add(key);
        }
      }
      assertThat(seen).containsExactlyInAnyOrderElementsOf(keys);
      assertThat(selector.selectedKeys()).doesNotContainAnyElementsOf(removed);
      assertThat(selector.selectedKeys()).hasSize(20 - removed.size());
    }
  }

  @EachProvider
  void iteratorKeepsItsContract(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    registerWritable(transport, selector, 2);
    assertThat(selector.selectNow()).isEqualTo(2);

    Iterator<SelectionKey> iterator = selector.selectedKeys().iterator();
    assertThatThrownBy(iterator::remove).isExactlyInstanceOf(IllegalStateException.class);
    iterator.next();
    iterator.remove();
    assertThatThrownBy(iterator::remove).isExactlyInstanceOf(IllegalStateException.class);
    iterator.next();
    assertThat(iterator.hasNext()).isFalse();
    assertThatThrownBy(iterator::next).isExactlyInstanceOf(NoSuchElementException.class);
  }

  @EachProvider
  void removalBehindTheIteratorsBackIsNoticed(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    List<SelectionKey> keys = registerWritable(transport, selector, 4);
    assertThat(selector.selectNow()).isEqualTo(4);

    Iterator<SelectionKey> iterator = selector.selectedKeys().iterator();
    SelectionKey first = iterator.next();
    assertThat(keys).contains(first);
    selector.selectedKeys().remove(first);

    assertThatThrownBy(iterator::next).isExactlyInstanceOf(ConcurrentModificationException.class);
  }

  @EachProvider
  void setsAnswerForForeignObjects(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    Selector other = transport.openSelector();
    registerWritable(transport, selector, 1);
    SelectionKey foreign = registerWritable(transport, other, 1).get(0);
    assertThat(selector.selectNow()).isEqualTo(1);
    assertThat(other.selectNow()).isEqualTo(1);

    for (Set<SelectionKey> set : List.of(selector.keys(), selector.selectedKeys())) {
      assertThat(set.contains(foreign)).isFalse();
      assertThat(containsObject(set, "not a key")).isFalse();
    }
    assertThat(selector.selectedKeys().remove(foreign)).isFalse();
    assertThat(other.selectedKeys()).containsExactly(foreign);
  }

  private static boolean containsObject(Set<?> set, Object object) {
    return set.contains(object);
  }

  @EachProvider
  void setsHaveTheViewsOfASet(TestTransport transport) throws IOException {
    Selector selector = transport.openSelector();
    List<SelectionKey> keys = registerWritable(transport, selector, 3);
    assertThat(selector.selectNow()).isEqualTo(3);

    for (Set<SelectionKey> set : List.of(selector.keys(), selector.selectedKeys())) {
      assertThat(set.size()).isEqualTo(3);
      assertThat(set.isEmpty()).isFalse();
      assertThat(set.containsAll(keys)).isTrue();
      assertThat(Arrays.asList(set.toArray())).hasSize(3).containsAll(keys);
      assertThat(set.toArray(new SelectionKey[0])).containsExactlyInAnyOrderElementsOf(keys);
      assertThat(set.toArray(new SelectionKey[5])).hasSize(5).contains(keys.get(0));
      assertThat(set.stream().count()).isEqualTo(3);
      assertThat(set).isEqualTo(new HashSet<>(keys));
      assertThat(new HashSet<>(keys)).isEqualTo(set);
      assertThat(set.hashCode()).isEqualTo(new HashSet<>(keys).hashCode());
      assertThat(set.toString()).startsWith("[");
      List<SelectionKey> each = new ArrayList<>();
      set.forEach(each::add);
      assertThat(each).containsExactlyInAnyOrderElementsOf(keys);
    }
  }

  @EachProvider
  void keysMayBeIteratedWhileOthersRegister(TestTransport transport) throws Exception {
    Selector selector = transport.openSelector();
    registerWritable(transport, selector, 5);
    Background<Integer> registering =
        transport.background(() -> registerWritable(transport, selector, 200).size());

    while (!registering.isDone()) {
      int seen = 0;
      for (SelectionKey key : selector.keys()) {
        assertThat(key.selector()).isSameAs(selector);
        seen++;
      }
      assertThat(seen).isGreaterThanOrEqualTo(5);
    }
    assertThat(registering.result()).isEqualTo(200);
    assertThat(selector.keys()).hasSize(205);
  }

  private static List<SelectionKey> registerWritable(
      TestTransport transport, Selector selector, int count) throws IOException {
    List<SelectionKey> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      keys.add(transport.nonBlockingPair().client().register(selector, OP_WRITE));
    }
    return keys;
  }

  private static void assertUnsupported(ThrowingCallable call) {
    assertThatThrownBy(call).isExactlyInstanceOf(UnsupportedOperationException.class);
  }
}
