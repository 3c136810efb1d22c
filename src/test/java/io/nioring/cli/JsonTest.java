package io.nioring.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void writesEveryKindOfValueOnOneLine() {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("text", "a \"b\" \\ \n \u009b \u2028 \ud83d\ude00");
    object.put("number", 1.5);
    object.put("none", null);
    object.put("infinite", Double.POSITIVE_INFINITY);
    object.put("list", Arrays.asList(1, true, "x", List.of()));
    object.put("map", Map.of("k", 'v'));

    assertThat(Json.of(object))
        .isEqualTo(
            "{\"text\":\"a \\\"b\\\" \\\\ \\u000a \\u009b \\u2028 \\ud83d\\ude00\",\"number\":1.5,"
                + "\"none\":null,\"infinite\":null,\"list\":[1,true,\"x\",[]],\"map\":{\"k\":\"v\"}}");
  }
}
