"""What the invented customers say. Each sentence was written for the demo; none was said by a person.

A complaint names one department and one kind of problem, so that the duty that must follow from it is known beforehand.
"""

from dataclasses import dataclass

DEPARTMENTS = {
    "repair": "维修部",
    "installation": "安装部",
    "service_desk": "客服中心",
    "logistics": "物流配送部",
    "product": "产品部",
    "billing": "结算部",
}


@dataclass(frozen=True)
class Complaint:
    """`code` is the kind of problem that the words are about."""

    department: str
    code: str
    words: str


def _of(department: str, *said: tuple[str, str]) -> tuple[Complaint, ...]:
    return tuple(Complaint(department, code, words) for code, words in said)


COMPLAINTS: dict[str, tuple[Complaint, ...]] = {
    "repair": _of(
        "repair",
        ("competence", "维修来了两次，机器到现在还是没修好。"),
        ("response_speed", "报修以后等了三天，维修人员才来。"),
        ("attitude", "维修的师傅很不耐烦，多问一句就生气。"),
        ("process", "维修的人没带配件，白白占了我半天。"),
    ),
    "installation": _of(
        "installation",
        ("competence", "安装的时候把外机装歪了，看着很别扭。"),
        ("response_speed", "约好上午安装，结果安装队伍迟到了三个小时。"),
        ("attitude", "安装人员说话很冲，一点小要求也不肯听。"),
        ("process", "安装当天临时改期，事先没有人说一声。"),
    ),
    "service_desk": _of(
        "service_desk",
        ("response_speed", "客服热线一直打不通，前后拨了十几次。"),
        ("attitude", "客服的语气不好，像是我在找麻烦。"),
        ("competence", "客服答非所问，问了半天还是没有结果。"),
        ("process", "客服把我踢皮球，同一件事说了四遍。"),
    ),
    "logistics": _of(
        "logistics",
        ("response_speed", "配送一拖再拖，比说好的日子晚了五天。"),
        ("attitude", "送货的人态度恶劣，东西放在楼下就走。"),
        ("process", "物流把型号送错了，还要我自己退回去。"),
    ),
    "product": _of(
        "product",
        ("competence", "产品用了一周又坏，换过的面板也一样。"),
        ("process", "产品的小程序预约不上，页面一直转圈。"),
    ),
    "billing": _of(
        "billing",
        ("process", "结算的时候乱收费，明细里有两项对不上。"),
        ("response_speed", "退款太慢，说好三天到账，现在已经半个月。"),
        ("process", "发票的事推给我自己，结算窗口说系统问题。"),
    ),
}

SUGGESTIONS: dict[str, tuple[str, ...]] = {
    "repair": ("建议维修之前先把大概的时间发到手机上。",),
    "installation": ("建议安装之前先发一张准备清单。",),
    "service_desk": ("希望能在热线里增加一个回拨的选项。",),
    "logistics": ("建议配送当天提前半小时打个电话。",),
    "product": ("建议在说明书里多放几张图。", "希望增加遥控器的夜光按键。"),
    "billing": ("建议把收费明细直接发到微信里。",),
}

WISHES = ("建议给遥控器加一个找回的铃声。", "希望遥控器能加一个找回铃声。")
"""One wish in two customers' words."""

PRAISE: dict[str, tuple[str, ...]] = {
    "repair": ("维修的师傅很细心，机器擦得也亮。", "感谢维修的师傅，周末还赶过来。"),
    "installation": ("安装的师傅收拾得干净，服务周到。", "安装的小伙子认真负责，值得信赖。"),
    "service_desk": ("客服很热情，几句话就讲清楚了。",),
    "logistics": ("送货的两位很负责，抬上六楼也不叫苦。",),
    "product": ("这款产品用着顺手，服务很好。",),
    "billing": ("结算窗口的同事很耐心，一笔一笔对给我看。",),
}

AFTERWARDS = {
    "told": "我们已经安排专人处理完毕，并检查了同类情况，给您添麻烦了。",
    "still": "跟上次说的一样，还是没有处理好。",
    "promise": "两个工作日内给您答复处理的结果。",
}
