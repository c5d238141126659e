"""The bot's sentences in Chinese as in Taiwan."""

from typing import Final

from forthwith.apps.cards.conversation.commands import Field, Verb
from forthwith.apps.cards.conversation.words import Words

CHINESE: Final = Words(
    say={
        Verb.BEGIN_BATCH: "批次",
        Verb.END_BATCH: "結束批次",
        Verb.STATUS: "狀態",
        Verb.LIST: "列表",
        Verb.HELP: "說明",
        Verb.CANCEL: "取消",
    },
    fields={
        Field.NAME: "姓名",
        Field.COMPANY: "公司",
        Field.DEPARTMENT: "部門",
        Field.TITLE: "職稱",
        Field.PHONE: "電話",
        Field.MOBILE: "手機",
        Field.FAX: "傳真",
        Field.EMAIL: "信箱",
        Field.WEBSITE: "網站",
        Field.ADDRESS: "地址",
        Field.TAX_ID: "統編",
        Field.LINE_ID: "LINE",
    },
    failures={
        "NO_TEXT_FOUND": "照片上讀不到文字，請靠近一點、拍清楚再傳一次。",
        "UNSUPPORTED_MEDIA_TYPE": "這種檔案讀不了，請傳 JPEG、PNG、WebP 或 HEIC 照片。",
        "TOO_LARGE": "照片太大了，請傳 15 MB 以內的照片。",
        "QUOTA_EXCEEDED": "今天能讀的照片已經用完，請在台灣時間早上 8 點以後再傳一次。",
        "REFUSED": "這張照片在 LINE 上已經取不到了，請再傳一次。",
        "TIMED_OUT": "讀取時間太久，請換一張再試。",
    },
    advice={
        "BLURRED": "照片有點模糊：拿穩並對焦後再拍，會讀得更準。",
        "GLARE": "名片有反光：換個角度再拍，會讀得更準。",
        "TOO_SMALL": "字太小：靠近一點，讓名片填滿畫面。",
        "CUT_OFF": "文字被切到了：請把整張名片拍進去。",
        "TOO_DARK": "照片太暗：請在亮一點的地方再拍。",
    },
    welcome="您好！傳名片照片給我，幾秒後就會變成聯絡人。",
    help=(
        "直接傳照片：讀一張名片\n"
        "批次：連續傳很多張，最後一次總結\n"
        "結束批次：完成並看統計\n"
        "狀態：目前進度\n"
        "列表：最近的名片\n"
        "搜尋 王：找名片\n"
        "更正 職稱: 經理：改最近一張的欄位\n"
        "備註 展場認識：加備註\n"
        "刪除：刪掉最近一張"
    ),
    batch_begun="批次模式開始。請連續傳照片，傳完後輸入「結束批次」。",
    batch_runs="批次模式已經在進行中，已收到 {count} 張。",
    no_batch="目前沒有批次。輸入「批次」就能開始。",
    batch_empty="批次結束，沒有收到照片。",
    batch_done="批次完成",
    batch_forgotten="批次閒置太久，已自動結束",
    done="成功",
    failed="失敗",
    duplicates="重複",
    from_cache="快取命中",
    took="花費時間",
    seconds="{seconds} 秒",
    status="目前狀態",
    in_batch="批次進行中",
    waiting="等待讀取",
    contacts="聯絡人",
    photo_failed="這張沒有讀成功：{why}",
    unexpected="我們這邊出了問題，請稍後再傳一次。",
    no_contacts="還沒有名片。傳一張照片來試試看。",
    nothing_found="找不到「{term}」。",
    found="找到 {count} 位",
    ask_value="請輸入新的{field}（輸入「取消」放棄）。",
    ask_note="請輸入備註（輸入「取消」放棄）。",
    cancelled="好，已取消。",
    not_valid="「{value}」不像是{field}，請再輸入一次，或輸入「取消」。",
    corrected="已更正。",
    noted="已加上備註。",
    ask_delete="要刪除{who}嗎？照片和讀到的內容都會一起刪掉。",
    deleted="已刪除。",
    gone="這張名片已經不在了。",
    same_person="{who}好像已經在您的聯絡人裡了。要合併嗎？",
    merged="已合併，先前的職務留在紀錄裡。",
    kept_apart="好，分開保留。",
    not_understood="我看不懂這句話。傳名片照片給我，或輸入「說明」。",
    send_photo="我只讀名片照片，請傳照片給我。",
    earlier="先前",
    read_before="這張照片讀過了",
    delete="刪除",
    yes_delete="確定刪除",
    merge="合併",
    keep="分開保留",
    save="存到手機",
    qr="QR 碼",
    note="備註",
    notion="Notion",
    notion_waiting="這位聯絡人正在送往 Notion，請稍後再試。",
    notion_failed="Notion 沒有收下這位聯絡人。修改後會再送一次。",
    open="查看",
    more="更多",
    camera="拍照",
    album="選照片",
    unsure="不太確定，請檢查",
    read_by="由{reader}讀取",
    readers={"local": "本機", "gemini": "Gemini", "openai": "OpenAI"},
    no_links="這裡沒有設定公開網址，先把聯絡人用文字給您：",
)
